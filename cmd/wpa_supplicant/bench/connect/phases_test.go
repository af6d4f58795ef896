package main

import (
	"net"
	"slices"
	"testing"
	"time"
)

// TestPhases divides a connection whose first attempt came to nothing.
func TestPhases(t *testing.T) {
	from := time.Unix(1000, 0)
	at := func(ms int) time.Time { return from.Add(time.Duration(ms) * time.Millisecond) }
	frames := []heard{
		{at(-5), kindEAPOL, true}, // of another connection
		{at(10), kindAuth, true},  // unanswered
		{at(500), kindProbe, true},
		{at(900), kindAuth, true}, {at(903), kindAuth, false},
		{at(910), kindAssoc, true}, {at(914), kindAssoc, false},
		{at(924), kindEAPOL, false}, {at(930), kindEAPOL, true}, {at(935), kindEAPOL, false}, {at(937), kindEAPOL, true},
		{at(950), kindEAPOL, true}, // after the event
	}
	got := phasesOf(frames, from, at(940))
	if want := []float64{900, 0, 3, 7, 4, 8, 15, 3}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := phasesOf(nil, from, at(5)); !slices.Equal(got, []float64{0, 0, 0, 0, 0, 0, 0, 5}) {
		t.Errorf("nothing heard: %v", got)
	}
}

// TestClassify tells frames by their headers.
func TestClassify(t *testing.T) {
	sta, ap := net.HardwareAddr{2, 0, 0, 0, 0, 2}, net.HardwareAddr{2, 0, 0, 0, 0, 1}
	frame := func(first byte, to, from net.HardwareAddr, body ...byte) []byte {
		b := append([]byte{0, 0, 8, 0, 0, 0, 0, 0, first, 0, 0, 0}, to...)
		b = append(append(append(b, from...), ap...), 0, 0)
		return append(b, body...)
	}
	snap := []byte{0xaa, 0xaa, 3, 0, 0, 0, 0x88, 0x8e}
	for _, c := range []struct {
		name  string
		frame []byte
		want  heard
		ok    bool
	}{
		{"probe", frame(0x40, ap, sta), heard{kind: kindProbe, fromStation: true}, true},
		{"authentication", frame(0xb0, sta, ap), heard{kind: kindAuth}, true},
		{"reassociation", frame(0x20, ap, sta), heard{kind: kindAssoc, fromStation: true}, true},
		{"EAPOL", frame(0x08, sta, ap, snap...), heard{kind: kindEAPOL}, true},
		{"EAPOL with QoS", frame(0x88, ap, sta, append([]byte{0, 0}, snap...)...), heard{kind: kindEAPOL, fromStation: true}, true},
		{"other data", frame(0x08, sta, ap, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0), heard{}, false},
		{"beacon", frame(0x80, sta, ap), heard{}, false},
		{"between others", frame(0xb0, ap, ap), heard{}, false},
		{"short", frame(0xb0, sta, ap)[:20], heard{}, false},
		{"radiotap longer than the frame", []byte{0, 0, 0xff, 0xff, 0, 0}, heard{}, false},
	} {
		if got, ok := classify(c.frame, sta); got != c.want || ok != c.ok {
			t.Errorf("%s: %+v, %v", c.name, got, ok)
		}
	}
}
