package nl80211

import (
	"errors"
	"strings"
	"testing"

	"gosupplicant/drivers"
)

func TestParams(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want params
	}{
		{"", params{}},
		{"unknown=1 words are=ignored", params{}},
		{"force_connect_cmd=1\tno_rrm=1", params{forceConnect: true, noRRM: true}},
		{"force_connect_cmd=1 force_connect_cmd=0", params{}},
		{"control_port=0 control_port_ap=1", params{noControlPort: true, controlPortAP: true}},
		{"control_port=1 full_ap_client_state=0 no_offchannel_tx=1", params{noFullAPClient: true, noOffchannelTX: true}},
		{"use_p2p_group_interface=1 force_bss_selection=1", params{p2pGroupIface: true, forceBSSSelect: true}},
		{"secure_ltf=1 rsn_override_in_driver=0", params{secureLTF: true}},
	} {
		if got, err := parseParams(tc.in); got != tc.want || err != nil {
			t.Errorf("%q: %+v, %v; want %+v", tc.in, got, err, tc.want)
		}
	}
	for _, bad := range []string{"rsn_override_in_driver=1", "no_rrm=1 extra_bss_membership_selectors=122,123"} {
		words := strings.Fields(bad)
		if got, err := parseParams(bad); !errors.Is(err, drivers.ErrNotSupported) || !strings.Contains(err.Error(), words[len(words)-1]) {
			t.Errorf("%q: %+v, %v", bad, got, err)
		}
	}
}

func TestParamsChangeFlags(t *testing.T) {
	have := drivers.FlagSME | drivers.FlagSAE | drivers.FlagOffchannelTX | drivers.FlagControlPort | drivers.FlagFullAPClientState
	for _, tc := range []struct {
		in   string
		want drivers.Flags
	}{
		{"", have},
		{"force_connect_cmd=1", have &^ (drivers.FlagSME | drivers.FlagSAE)},
		{"no_offchannel_tx=1", have &^ drivers.FlagOffchannelTX},
		{"control_port=0", have &^ drivers.FlagControlPort},
		{"full_ap_client_state=0", have &^ drivers.FlagFullAPClientState},
		{"force_bss_selection=1", have | drivers.FlagBSSSelection},
		{"use_p2p_group_interface=1", have | drivers.FlagP2PConcurrent | drivers.FlagP2PMgmtAndNonP2P},
	} {
		p, err := parseParams(tc.in)
		if got, _ := p.apply(have, 0); got != tc.want || err != nil {
			t.Errorf("%q: %v, want %v", tc.in, got.Names(), tc.want.Names())
		}
	}
	if _, f2 := (params{noControlPort: true}).apply(0, drivers.Flag2ControlPortRX|drivers.Flag2OCV); f2 != drivers.Flag2OCV {
		t.Errorf("second word %v", f2.Names())
	}
}

func FuzzParams(f *testing.F) {
	f.Add("force_connect_cmd=1 control_port=0")
	f.Add("extra_bss_membership_selectors=1,2 =")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parseParams(s)
		if again, err2 := parseParams(s + " " + s); again != p || (err == nil) != (err2 == nil) {
			t.Errorf("%q read twice differs: %+v, %+v", s, p, again)
		}
	})
}
