package eaptls

import (
	"bytes"
	"errors"
	"testing"
)

func TestFragmentsRoundTrip(t *testing.T) {
	for _, n := range []int{0, 1, 10, 99, 100, 101, 1000, 40000} {
		for _, limit := range []int{20, 100, 1398, 1 << 16} {
			for _, length := range []bool{false, true} {
				msg := bytes.Repeat([]byte{0xa5}, n)
				f := fragmenter{limit: limit, length: length, ver: 1}
				f.load(msg)
				var r reassembly
				for i := 0; ; i++ {
					data := f.next()
					if len(data) > limit {
						t.Fatalf("%d bytes in a message of at most %d", len(data), limit)
					}
					h, err := ParseHeader(data)
					if err != nil || h.Version != 1 || length && n > 0 && i == 0 && h.Total != n {
						t.Fatalf("%d bytes, limit %d: %+v, %v", n, limit, h, err)
					}
					got, done, err := r.add(h)
					if err != nil {
						t.Fatal(err)
					}
					if done {
						if !bytes.Equal(got, msg) || f.pending() {
							t.Errorf("%d bytes, limit %d: %d came out", n, limit, len(got))
						}
						break
					}
				}
			}
		}
	}
}

// TestCVE20124445 is, for this side, about fragments that do not fit the announced
// length.
func TestCVE20124445(t *testing.T) {
	l := func(n byte) []byte { return []byte{0, 0, 0, n} }
	for name, list := range map[string][][]byte{
		"no flags":                {{}},
		"length cut":              {{FlagLength, 0, 0}},
		"4 GiB announced":         {{FlagLength, 0xff, 0xff, 0xff, 0xff, 1}},
		"more than announced":     {append(append([]byte{FlagLength}, l(2)...), 1, 2, 3)},
		"second beyond announced": {append(append([]byte{FlagLength | FlagMore}, l(3)...), 1, 2), {FlagMore, 3, 4}},
		"less than announced":     {append(append([]byte{FlagLength}, l(9)...), 1, 2, 3)},
		"length changes":          {append(append([]byte{FlagLength | FlagMore}, l(9)...), 1), append(append([]byte{FlagLength}, l(8)...), 1)},
		"empty fragment":          {{FlagMore}},
	} {
		var r reassembly
		var last error
		for _, data := range list {
			h, err := ParseHeader(data)
			if err == nil {
				_, _, err = r.add(h)
			}
			last = err
		}
		if !errors.Is(last, ErrFrame) {
			t.Errorf("%s: %v", name, last)
		}
	}
}

// TestCVE20124445Total: without an announced length there is a bound all the same.
func TestCVE20124445Total(t *testing.T) {
	var r reassembly
	h := Header{Flags: FlagMore, Total: -1, Body: make([]byte, 1000)}
	for i := range 100 {
		if _, _, err := r.add(h); err != nil {
			if i < maxMessage/1000 {
				t.Errorf("refused after %d fragments: %v", i, err)
			}
			return
		}
	}
	t.Error("a message without end was collected")
}

func FuzzHeader(f *testing.F) {
	f.Add([]byte{0x20})
	f.Add([]byte{0xc1, 0, 0, 1, 0, 22, 3, 3})
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := ParseHeader(data)
		if err == nil && (len(h.Body) > len(data) || h.Total > maxMessage) {
			t.Errorf("%+v of %d bytes", h, len(data))
		}
	})
}
