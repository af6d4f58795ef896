package rfkill

import (
	"encoding/binary"
	"testing"

	"gosupplicant/drivers"
)

func raw(index uint32, typ Type, op Op, soft, hard byte) []byte {
	return append(binary.NativeEndian.AppendUint32(nil, index), byte(typ), byte(op), soft, hard)
}

func TestParse(t *testing.T) {
	full := append(raw(0x01020304, TypeWLAN, OpChange, 1, 0), 0xff) // a ninth byte of later kernels
	ev, err := Parse(full)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Event{Index: 0x01020304, Type: TypeWLAN, Op: OpChange, Soft: true}); ev != want {
		t.Errorf("got %+v, want %+v", ev, want)
	}
	for n := range eventLen {
		if ev, err := Parse(full[:n]); err == nil {
			t.Errorf("%d bytes gave %+v", n, ev)
		}
	}
	if _, err := Parse(raw(1, TypeWLAN, 4, 0, 0)); err == nil {
		t.Error("an unknown operation was accepted")
	}
}

func TestBlock(t *testing.T) {
	for _, tc := range []struct {
		soft, hard bool
		want       drivers.RFKill
	}{
		{false, false, drivers.RFKillUnblocked},
		{true, false, drivers.RFKillSoft},
		{false, true, drivers.RFKillHard},
		{true, true, drivers.RFKillHard},
	} {
		if got := (Event{Soft: tc.soft, Hard: tc.hard}).Block(); got != tc.want {
			t.Errorf("soft %t hard %t: %d, want %d", tc.soft, tc.hard, got, tc.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(raw(0, TypeWLAN, OpAdd, 0, 0))
	f.Add(raw(3, TypeAll, OpChangeAll, 1, 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		ev, err := Parse(b)
		if err != nil {
			return
		}
		again, err := Parse(raw(ev.Index, ev.Type, ev.Op, b[6], b[7]))
		if err != nil || again != ev {
			t.Errorf("%+v became %+v, %v", ev, again, err)
		}
	})
}
