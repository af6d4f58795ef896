package rsn

import (
	"fmt"

	"gosupplicant/engine/dot11"
)

// OCI is operating channel information (9.4.2.235): global operating class,
// primary channel, and the centre channel of the second 80 MHz segment (0
// without one).
type OCI struct {
	OpClass  uint8
	Primary  uint8
	Segment1 uint8
}

// String returns e.g. "class 128 channel 36 segment 0".
func (o OCI) String() string {
	return fmt.Sprintf("class %d channel %d segment %d", o.OpClass, o.Primary, o.Segment1)
}

// opClassWidths are the channel widths in MHz of global operating classes (annex
// E, table E-4) other than 20 MHz; 40 MHz classes with the side of the secondary
// channel.
var opClassWidths = [256]struct {
	width int16
	side  int8
}{
	83: {40, 1}, 84: {40, -1},
	116: {40, 1}, 117: {40, -1}, 119: {40, 1}, 120: {40, -1}, 122: {40, 1}, 123: {40, -1}, 126: {40, 1}, 127: {40, -1},
	128: {80, 0}, 129: {160, 0}, 130: {160, 0}, 132: {40, 0}, 133: {80, 0}, 134: {160, 0}, 135: {160, 0}, 137: {320, 0},
}

// width returns the channel width of an operating class in MHz and, for 40 MHz,
// the side of the secondary channel (0: not told).
func (o OCI) width() (int, int8) {
	if w := opClassWidths[o.OpClass]; w.width != 0 {
		return int(w.width), w.side
	}
	return 20, 0
}

// Validate compares the channel that the peer reports with the one in use here,
// own (12.2.9): the same primary channel, no less bandwidth than is used here, the
// same side of a 40 MHz channel, and the same second segment of 80+80 MHz. It
// returns nil when they agree.
func (o OCI) Validate(own OCI) error {
	f1, err := dot11.OpClassFreq(o.OpClass, int(o.Primary))
	if err != nil {
		return fmt.Errorf("rsn: OCI: %w", err)
	}
	f2, err := dot11.OpClassFreq(own.OpClass, int(own.Primary))
	if err != nil {
		return fmt.Errorf("rsn: own OCI: %w", err)
	}
	if f1 != f2 {
		return fmt.Errorf("rsn: OCI: primary channel at %d MHz, here it is at %d MHz", f1, f2)
	}
	w1, s1 := o.width()
	w2, s2 := own.width()
	switch {
	case w1 < w2:
		return fmt.Errorf("rsn: OCI: %d MHz wide, here %d MHz are used", w1, w2)
	case w1 == 40 && w2 == 40 && s1 != 0 && s2 != 0 && s1 != s2:
		return fmt.Errorf("rsn: OCI: secondary channel on the other side")
	case w1 == w2 && o.Segment1 != own.Segment1 && (o.OpClass == 130 || own.OpClass == 130):
		return fmt.Errorf("rsn: OCI: second segment at channel %d, here at %d", o.Segment1, own.Segment1)
	}
	return nil
}
