package wireless

import (
	"bytes"
	"errors"
	"testing"

	"golang.org/x/sys/unix"

	"gosupplicant/engine/dot11"
)

// A device that is not wireless has none of these ioctls, one that does not exist is
// told apart, and what does not fit a request is not made one.
func TestRefusals(t *testing.T) {
	s, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const getName, getScan = 0x8b01, 0x8b19
	var u Union
	if err := s.Value("lo", getName, &u); !errors.Is(err, unix.EOPNOTSUPP) && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOTTY) {
		t.Errorf("SIOCGIWNAME on lo: %v", err)
	}
	if err := s.Value("absent0", getName, &u); err == nil {
		t.Error("SIOCGIWNAME of a device that is not there")
	}
	for _, name := range []string{"", "an-interface-name-too-long"} {
		if err := s.Value(name, getName, &u); err == nil {
			t.Errorf("the name %q is accepted", name)
		}
		if _, err := s.Point(name, getScan, nil, 0); err == nil {
			t.Errorf("the name %q is accepted", name)
		}
	}
	if _, err := s.Point("lo", getScan, make([]byte, MaxData+1), 0); err == nil {
		t.Error("a buffer beyond 16 bits is accepted")
	}
	if _, err := s.Point("lo", MLME, MLMERequest(MLMEDeauth, dot11.MAC{2}, 3), 0); err == nil {
		t.Error("lo left an access point")
	}
}

func TestMLMERequest(t *testing.T) {
	got := MLMERequest(MLMEDisassoc, dot11.MAC{2, 3, 4, 5, 6, 7}, 0x0203)
	little := []byte{1, 0, 3, 2, 1, 0, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0, 0}
	big := []byte{0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0, 0}
	if !bytes.Equal(got, little) && !bytes.Equal(got, big) {
		t.Errorf("% x", got)
	}
}
