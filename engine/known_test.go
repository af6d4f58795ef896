package engine

import (
	"bytes"
	"fmt"
	"testing"

	"gosupplicant/engine/dot11"
)

func TestPlacesRoundTripAndBound(t *testing.T) {
	p := &places{}
	for k := range 2 * maxPlaces {
		p.put(place{fmt.Sprintf("net\n%d", k), 2412 + k, dot11.MAC{2, byte(k)}})
	}
	p.put(place{"net\n100", 5180, dot11.MAC{3}})
	q := parsePlaces(p.encode())
	if len(q.list) != maxPlaces || !bytes.Equal(q.encode(), p.encode()) {
		t.Fatalf("%d places come back", len(q.list))
	}
	if at := q.find([]byte("net\n100")); at == nil || at.freq != 5180 || *at != q.list[len(q.list)-1] {
		t.Errorf("the newest place is %+v", at)
	}
	if q.find([]byte("net\n1")) != nil {
		t.Error("the oldest place was not dropped")
	}
}

func FuzzPlaces(f *testing.F) {
	f.Add([]byte("6162 2412 02:00:00:00:00:01\n"))
	f.Add([]byte("61 5180 02:00:00:00:00:01\n\n61 x y\n62 6135"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p := parsePlaces(b)
		if len(p.list) > maxPlaces {
			t.Fatalf("%d places", len(p.list))
		}
		if again := parsePlaces(p.encode()); !bytes.Equal(again.encode(), p.encode()) {
			t.Errorf("%q becomes %q", p.encode(), again.encode())
		}
	})
}
