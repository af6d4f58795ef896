package engine

import (
	"testing"

	"gosupplicant/drivers"
	"gosupplicant/engine/bss"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/rsn"
)

// TestOCI: classes of IEEE Std 802.11-2024 table E-4.
func TestOCI(t *testing.T) {
	for _, c := range []struct {
		s    drivers.Signal
		want rsn.OCI
	}{
		{drivers.Signal{Freq: 2412}, rsn.OCI{OpClass: 81, Primary: 1}},
		{drivers.Signal{Freq: 2437, Width: 40, CenterFreq1: 2447}, rsn.OCI{OpClass: 83, Primary: 6}},
		{drivers.Signal{Freq: 2437, Width: 40, CenterFreq1: 2427}, rsn.OCI{OpClass: 84, Primary: 6}},
		{drivers.Signal{Freq: 5180, Width: 20, CenterFreq1: 5180}, rsn.OCI{OpClass: 115, Primary: 36}},
		{drivers.Signal{Freq: 5180, Width: 80, CenterFreq1: 5210}, rsn.OCI{OpClass: 128, Primary: 36}},
		{drivers.Signal{Freq: 5180, Width: 160, CenterFreq1: 5250}, rsn.OCI{OpClass: 129, Primary: 36}},
		{drivers.Signal{Freq: 5180, Width: 80, CenterFreq1: 5210, CenterFreq2: 5530}, rsn.OCI{OpClass: 130, Primary: 36, Segment1: 106}},
		{drivers.Signal{Freq: 5955, Width: 20, CenterFreq1: 5955}, rsn.OCI{OpClass: 131, Primary: 1}},
		{drivers.Signal{Freq: 5955, Width: 80, CenterFreq1: 5985}, rsn.OCI{OpClass: 133, Primary: 1}},
	} {
		if got, ok := ociOf(&c.s); !ok || got != c.want {
			t.Errorf("%+v: %v %v, want %v", c.s, got, ok, c.want)
		}
	}
	if _, ok := ociOf(&drivers.Signal{Freq: 1000}); ok {
		t.Error("a frequency of no channel has one")
	}
}

func TestSAQueryTellsAndChecksTheChannel(t *testing.T) {
	l := &link{bss: &bss.BSS{BSSID: dot11.MAC{2, 1}}, oci: &rsn.OCI{OpClass: 81, Primary: 6}}
	frame := saQueryFrame(dot11.MAC{2, 2}, l, saQueryRequest, [2]byte{7, 9})
	es := dot11.Elements(frame[dot11.MgmtHeaderLen+4:])
	if err := l.checkOCI(es); err != nil {
		t.Errorf("our own channel: %v", err)
	}
	other := dot11.AppendExtElement(nil, dot11.ExtIDOCI, 81, 11, 0)
	for name, bad := range map[string]dot11.Elements{"none": nil, "another channel": other, "short": dot11.AppendExtElement(nil, dot11.ExtIDOCI, 81)} {
		if l.checkOCI(bad) == nil {
			t.Errorf("%s was taken", name)
		}
	}
	l.oci = nil
	if got := len(saQueryFrame(dot11.MAC{2, 2}, l, saQueryRequest, [2]byte{})); got != dot11.MgmtHeaderLen+4 || l.checkOCI(nil) != nil {
		t.Errorf("without validation a frame has %d bytes", got)
	}
}
