package rfkill

import (
	"encoding/binary"
	"fmt"

	"gosupplicant/drivers"
)

// eventLen is the size of the first version of struct rfkill_event, which every
// kernel delivers to a reader that asks for no more.
const eventLen = 8

// Type is the kind of transmitter an rfkill switch belongs to.
type Type uint8

// TypeWLAN is the only type that concerns Wi-Fi radios. TypeAll stands in
// OpChangeAll messages for every type.
const (
	TypeAll  Type = 0
	TypeWLAN Type = 1
)

// Op says what happened to the switch.
type Op uint8

const (
	OpAdd Op = iota
	OpDel
	OpChange
	OpChangeAll
)

// Event is one record of the device.
type Event struct {
	Index uint32 // number of the switch: /sys/class/rfkill/rfkill<Index>
	Type  Type
	Op    Op
	Soft  bool // blocked by software
	Hard  bool // blocked by a switch or the firmware
}

// Parse decodes one record (8 bytes, index in native byte order; bytes that
// later kernels append are ignored).
func Parse(b []byte) (Event, error) {
	if len(b) < eventLen {
		return Event{}, fmt.Errorf("rfkill: record of %d bytes, want at least %d", len(b), eventLen)
	}
	ev := Event{
		Index: binary.NativeEndian.Uint32(b),
		Type:  Type(b[4]),
		Op:    Op(b[5]),
		Soft:  b[6] != 0,
		Hard:  b[7] != 0,
	}
	if ev.Op > OpChangeAll {
		return Event{}, fmt.Errorf("rfkill: unknown operation %d for switch %d", ev.Op, ev.Index)
	}
	return ev, nil
}

// Block is the state of the switch; a hard block outweighs a soft one.
func (e Event) Block() drivers.RFKill {
	switch {
	case e.Hard:
		return drivers.RFKillHard
	case e.Soft:
		return drivers.RFKillSoft
	}
	return drivers.RFKillUnblocked
}
