package dbus

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"gosupplicant/conf"
	"gosupplicant/dbus/bus"
	"gosupplicant/engine/dot11"
)

func pair(a, b any) bus.Struct { return bus.Struct{a, b} }

func channels(items ...any) bus.Array {
	elem := bus.Signature("(uu)")
	if len(items) > 0 {
		if sig, err := bus.SignatureOf(items[0]); err == nil {
			elem = sig
		}
	}
	return bus.Array{Elem: elem, Items: items}
}

func TestDecodeScan(t *testing.T) {
	long := make([]byte, 33)
	many := make([][]byte, 17)
	for _, c := range []struct {
		in   bus.Dict
		want string
	}{
		{dict("Type", "active"), `{passive:false ssids:[""] ies: freqs:[] roam:true nc:false}`},
		{dict("Type", "passive", "Channels", channels(pair(uint32(2412), uint32(20)))), `{passive:true ssids:[] ies: freqs:[2412] roam:true nc:false}`},
		{dict("Type", "active", "SSIDs", [][]byte{[]byte("a"), {}}, "AllowRoam", false), `{passive:false ssids:["a" ""] ies: freqs:[] roam:false nc:false}`},
		{dict("Type", "active", "IEs", [][]byte{{0xdd, 1, 2}, {0xdd, 0}}, "NonColoc6GHz", true), `{passive:false ssids:[""] ies:dd0102dd00 freqs:[] roam:true nc:true}`},
		{dict("Type", "active", "IEs", [][]byte{}), `{passive:false ssids:[""] ies: freqs:[] roam:true nc:false}`},
		{dict(), ""},
		{dict("AllowRoam", true), "AllowRoam"},
		{dict("Type", "loud"), "Wrong scan type"},
		{dict("Type", int32(1)), "Wrong Type value type. String required"},
		{dict("Type", "active", "Colour", "x"), "Colour"},
		{dict("Type", "passive", "SSIDs", [][]byte{{1}}), "You can specify only Channels in passive scan"},
		{dict("Type", "passive", "IEs", [][]byte{{1, 0}}), "You can specify only Channels in passive scan"},
		{dict("Type", "active", "SSIDs", "x"), "Wrong SSIDs value type. Array of arrays of bytes required"},
		{dict("Type", "active", "SSIDs", [][]byte{}), "Wrong SSIDs value type. Array of arrays of bytes required"},
		{dict("Type", "active", "SSIDs", [][]byte{long}), "Invalid SSID: too long"},
		{dict("Type", "active", "SSIDs", many), "Too many ssids specified. Specify at most four"},
		{dict("Type", "active", "IEs", "x"), "Wrong IEs value type. Array of arrays of bytes required"},
		{dict("Type", "active", "IEs", []string{"x"}), "Wrong IEs value type. Array required"},
		{dict("Type", "active", "IEs", [][]byte{make([]byte, 2000), make([]byte, 305)}), "Too many bytes of IEs"},
		{dict("Type", "active", "Channels", "x"), "Wrong Channels value type. Array of structs required"},
		{dict("Type", "active", "Channels", channels()), "Wrong Channels value type. Array of structs required"},
		{dict("Type", "active", "Channels", []uint32{2412}), "Wrong Channels value type. Array of structs required"},
		{dict("Type", "active", "Channels", channels(pair(int32(2412), int32(20)))), "Wrong Channel struct. Two UINT32s required"},
		{dict("Type", "active", "Channels", channels(pair(uint32(1<<31), uint32(20)))), "Wrong Channel struct. Two UINT32s required"},
		{dict("Type", "active", "AllowRoam", int32(1)), "Wrong Type value type. Boolean required"},
	} {
		a, err := decodeScan(c.in)
		got := ""
		if err != nil {
			w := err.(*wireError)
			if w.name != nameInvalidArgs || w.texts[0] != "Did not receive correct message arguments." {
				t.Errorf("%v: %v", c.in, w)
			}
			got = strings.Join(w.texts[1:], "|")
		} else {
			got = fmt.Sprintf("{passive:%v ssids:%q ies:%x freqs:%v roam:%v nc:%v}", a.Passive, a.SSIDs, a.IEs, a.Freqs, a.AllowRoam, a.NonColoc6GHz)
		}
		if got != c.want {
			t.Errorf("%v\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}

func TestDecodeSettings(t *testing.T) {
	for _, c := range []struct {
		in   bus.Dict
		want string
	}{
		{dict("ssid", "x"), `[{ssid "x"}]`},
		{dict("ssid", `"x"`), `[{ssid ""x""}]`},
		{dict("ssid", []byte{0, 0xff}), `[{ssid 00ff}]`},
		{dict("key_mgmt", "WPA-PSK", "bssid", "02:00:00:00:00:01"), `[{key_mgmt WPA-PSK} {bssid 02:00:00:00:00:01}]`},
		{dict("priority", int32(-3), "scan_ssid", uint32(1)), `[{priority -3} {scan_ssid 1}]`},
		{dict("ssid", []byte{}), "ssid: empty byte array"},
		{dict("ssid", true), `ssid: value of type "b"`},
		{dict("ssid", 1.5), `ssid: value of type "d"`},
		{dict("nosuch", "x"), `[{nosuch "x"}]`},
		{dict("ssid", []string{"x"}), "ssid: list of strings"},
	} {
		list, err := decodeSettings(c.in, unquotedNetworkField, false)
		got := fmt.Sprint(list)
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%v: got %s, want %s", c.in, got, c.want)
		}
	}
}

func TestNoValueOverTheBusAddsALineToTheFile(t *testing.T) {
	for _, name := range []string{"ssid", "psk", "identity", "password", "key_mgmt", "bssid", "id_str", "bgscan", "ca_cert", "scan_freq"} {
		for _, evil := range []string{"a\nb=1", "a\"\n\tkey_mgmt=NONE", "x\r\ny", "\n}\nnetwork={", "a\x00b"} {
			n := conf.NewNetwork()
			if err := tryNetwork(n, []setting{{name, quote(name, evil, unquotedNetworkField)}}); err != nil {
				continue
			}
			c := conf.New()
			c.Networks = append(c.Networks, n)
			if got := strings.Count(string(c.Encode()), "\n"); got > 5 {
				t.Errorf("%s=%q makes a block of %d lines:\n%s", name, evil, got, c.Encode())
			}
		}
	}
}

func TestDecodeMasks(t *testing.T) {
	say := func(items ...any) bus.Variant {
		return bus.Variant{Sig: "a{say}", Value: bus.Array{Elem: "{say}", Items: items}}
	}
	mask := []byte{0xff, 0xff, 0xff, 0, 0, 0}
	got, err := decodeMasks(say(pair("scan", mask), pair("pno", mask)))
	if err != nil || len(got) != 2 || got["scan"] != (dot11.MAC{0xff, 0xff, 0xff}) {
		t.Errorf("got %v, %v", got, err)
	}
	for _, c := range []struct {
		in   bus.Variant
		want string
	}{
		{bus.MakeVariant("x"), "invalid message format"},
		{bus.MakeVariant([]string{"x"}), "invalid message format"},
		{bus.MakeVariant(dict("scan", mask)), maskSetter + "mask was not a byte array"},
		{say(pair("scan", "x")), maskSetter + "mask was not a byte array"},
		{say(pair(uint32(1), mask)), maskSetter + "key not a string"},
		{say(pair("roam", mask)), maskSetter + `bad scan type "roam"`},
		{say(pair("scan", mask[:5])), maskSetter + "malformed MAC mask given"},
	} {
		if _, err := decodeMasks(c.in); err == nil || err.(*wireError).texts[0] != c.want {
			t.Errorf("%v: got %v, want %s", c.in, err, c.want)
		}
	}
}

func TestDecodeCreate(t *testing.T) {
	cfg, err := decodeCreate(dict("Ifname", "wlan0", "Driver", "nl80211", "Create", true, "Type", "ap", "Address", "02:00:00:00:00:01"))
	if err != nil || cfg.Ifname != "wlan0" || !cfg.Create || cfg.CreateAddr == nil || cfg.CreateAddr[5] != 1 {
		t.Errorf("got %+v, %v", cfg, err)
	}
	for _, d := range []bus.Dict{
		dict(), dict("Driver", "none"), dict("Ifname", int32(1)), dict("Ifname", "q", "Bad", "x"),
		dict("Ifname", "q", "Type", "mesh"), dict("Ifname", "q", "Address", "zz"), dict("Ifname", "q", "Create", "yes"),
		dict("Ifname", "q", "Address", int32(1)),
	} {
		if _, err := decodeCreate(d); err == nil || err.(*wireError).name != nameInvalidArgs {
			t.Errorf("%v: %v", d, err)
		}
	}
}

func TestPaths(t *testing.T) {
	for _, c := range []struct {
		path bus.ObjectPath
		want key
	}{
		{rootPath, key{}},
		{rootPath + "/Interfaces/0", key{kindInterface, 0, 0}},
		{rootPath + "/Interfaces/12/BSSs/345", key{kindBSS, 12, 345}},
		{rootPath + "/Interfaces/7/Networks/0", key{kindNetwork, 7, 0}},
		{rootPath + "/Interfaces/0/BSSs/4294967295", key{kindBSS, 0, 1<<32 - 1}},
	} {
		if k, ok := parsePath(c.path); !ok || k != c.want || k.path() != c.path {
			t.Errorf("%s: %+v, %v, back %s", c.path, k, ok, k.path())
		}
	}
	for _, p := range []bus.ObjectPath{"/", "/x", rootPath + "/Interfaces", rootPath + "/Interfaces/", rootPath + "/Interfaces/x",
		rootPath + "/Interfaces/00", rootPath + "/Interfaces/0/Networks", rootPath + "/Interfaces/0/Networks/x",
		rootPath + "/Interfaces/0/Networks/0/0", rootPath + "/Interfaces/0/Credentials/0", rootPath + "/Interfaces/99999999999",
		rootPath + "/Interfaces/0/BSSs/4294967296", rootPath + "x", rootPath + "/Interfaces/-1"} {
		if k, ok := parsePath(p); ok {
			t.Errorf("%s is taken for %+v", p, k)
		}
	}
}

func FuzzPath(f *testing.F) {
	f.Add(string(rootPath) + "/Interfaces/1/BSSs/2")
	f.Add("/")
	f.Fuzz(func(t *testing.T, p string) {
		if k, ok := parsePath(bus.ObjectPath(p)); ok && string(k.path()) != p {
			t.Errorf("%q reads as %+v, which is %s", p, k, k.path())
		}
	})
}

// FuzzArguments gives every decoder the bodies a hostile client can send.
func FuzzArguments(f *testing.F) {
	for _, v := range []any{
		dict("Type", "active", "SSIDs", [][]byte{[]byte("x")}, "Channels", channels(pair(uint32(1), uint32(2)))),
		dict("ssid", []byte("x"), "psk", "12345678", "priority", int32(1)),
		dict("Ifname", "x", "Create", true, "Address", "02:00:00:00:00:01"),
	} {
		_, body, err := bus.EncodeBody(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add("a{sv}", body)
	}
	_, body, _ := bus.EncodeBody(bus.MakeVariant(bus.Array{Elem: "{say}", Items: []any{pair("scan", make([]byte, 6))}}))
	f.Add("v", body)
	f.Fuzz(func(t *testing.T, sig string, body []byte) {
		values, err := bus.DecodeBody(binary.LittleEndian, bus.Signature(sig), body)
		if err != nil {
			return
		}
		for _, v := range values {
			switch v := v.(type) {
			case bus.Dict:
				if a, err := decodeScan(v); err == nil && (len(a.SSIDs) > maxScanSSIDs || a.Passive && len(a.SSIDs) > 0) {
					t.Errorf("scan %+v", a)
				}
				decodeCreate(v)
				if list, err := decodeSettings(v, unquotedNetworkField, false); err == nil {
					tryNetwork(conf.NewNetwork(), list)
				}
				if list, err := decodeSettings(v, unquotedCredField, true); err == nil {
					tryCred(list)
				}
			case bus.Variant:
				decodeMasks(v)
			}
		}
	})
}
