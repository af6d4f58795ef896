package rsn

import (
	"bytes"
	"errors"
	"testing"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

func TestKeyFrameRoundTrip(t *testing.T) {
	for _, mic := range []int{0, 16, 24, 32} {
		f := KeyFrame{EAPOLVersion: 2, Descriptor: DescriptorRSN, Info: KeyInfoPairwise | KeyInfoAck | 2, KeyLen: 16,
			ReplayCounter: 1<<63 + 5, Nonce: keys.Nonce(fill("n", 32)), IV: [16]byte(fill("iv", 16)), RSC: [8]byte(fill("rsc", 8)),
			MIC: fill("mic", mic), Data: fill("data", 37)}
		pdu := f.Append(nil)
		if len(pdu) != 4+77+mic+2+37 || !IsKey(pdu) {
			t.Fatalf("%d bytes", len(pdu))
		}
		g, err := ParseKeyFrame(append(pdu, 0, 0, 0), mic) // padding behind
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(g.Append(nil), pdu) || !bytes.Equal(g.raw, pdu) {
			t.Errorf("%+v", g)
		}
		for n := range pdu {
			if _, err := ParseKeyFrame(pdu[:n], mic); err == nil {
				t.Errorf("prefix of %d bytes accepted", n)
			}
		}
		for i := range 8 {
			bad := bytes.Clone(pdu)
			bad[4+77+mic] ^= 1 << i // Key Data length
			if _, err := ParseKeyFrame(bad, mic); err == nil {
				t.Errorf("wrong Key Data length accepted")
			}
		}
		bad := bytes.Clone(pdu)
		bad[4] = 1
		if _, err := ParseKeyFrame(bad, mic); err == nil || IsKey(bad) {
			t.Error("RC4 descriptor accepted")
		}
		bad[1] = 0
		if _, err := ParseKeyFrame(bad, mic); !errors.Is(err, ErrNotKey) {
			t.Error(err)
		}
	}
}

// The longest frame: Key Data of which EAPOL's 16-bit length is the limit.
func TestLongestFrame(t *testing.T) {
	f := KeyFrame{Descriptor: DescriptorRSN, MIC: make([]byte, 16), Data: make([]byte, 65535-77-16-2)}
	pdu := f.Append(nil)
	g, err := ParseKeyFrame(pdu, 16)
	if err != nil || len(g.Data) != len(f.Data) {
		t.Fatal(err)
	}
}

func TestSealAndVerify(t *testing.T) {
	for _, m := range []keys.MIC{keys.MICHMACMD5, keys.MICHMACSHA1, keys.MICAESCMAC, keys.MICHMACSHA256, keys.MICHMACSHA384, keys.MICHMACSHA512} {
		f := KeyFrame{EAPOLVersion: 1, Descriptor: DescriptorRSN, Data: fill("d", 22)}
		kck := fill("kck", 16)
		pdu, err := f.Seal(m, kck)
		if err != nil {
			t.Fatal(err)
		}
		g, err := ParseKeyFrame(pdu, m.Len())
		if err != nil || !g.Verify(m, kck) {
			t.Fatalf("%v: %v", m, err)
		}
		if g.Verify(m, fill("other", 16)) || g.Verify(keys.MICNone, kck) {
			t.Errorf("%v: wrong key or no MIC verified", m)
		}
	}
	f := KeyFrame{}
	if _, err := f.Seal(keys.MICAESCMAC, nil); err == nil {
		t.Error("sealed without a key")
	}
}

// allKeyData has each element and KDE once.
func allKeyData() []byte {
	var d []byte
	d = append(d, 48, 2, 1, 0)
	d = append(d, 244, 1, 0x20)
	d = append(d, 54, 3, 1, 2, 0)
	d = append(d, 55, 2, 7, 7)
	d = append(d, 56, 5, 2, 1, 0, 0, 0)
	d = append(d, 0, 4, 't', 'e', 's', 't')
	d = append(d, 221, 6, 0x00, 0x50, 0xf2, 1, 1, 0)
	d = append(d, kdeForTest(3, testAA[:]...)...)
	d = append(d, kdeForTest(4, fill("pmkid", 16)...)...)
	d = append(d, kdeForTest(7, 0, 0, 0x0e, 0x10)...)
	d = append(d, kdeForTest(10, 1, 0)...)
	d = append(d, kdeForTest(13, 81, 6, 0)...)
	d = AppendGroupKey(d, &GroupKey{Use: KeyGroup, Index: 2, Tx: true, Key: fill("g", 16)})
	d = AppendGroupKey(d, &GroupKey{Use: KeyMgmtGroup, Index: 5, PN: [6]byte{1, 2, 3, 4, 5, 6}, Key: fill("i", 16)})
	d = AppendGroupKey(d, &GroupKey{Use: KeyBeacon, Index: 7, PN: [6]byte{6, 5, 4, 3, 2, 1}, Key: fill("b", 16)})
	d = append(d, kdeForTest(16, append([]byte{0x25, 1, 2, 3, 4, 5, 6}, fill("mg", 16)...)...)...)
	d = append(d, kdeForTest(17, append([]byte{4, 0, 1, 2, 3, 4, 5, 6, 0x30}, fill("mi", 16)...)...)...)
	d = append(d, kdeForTest(18, append([]byte{6, 0, 1, 2, 3, 4, 5, 6, 0x40}, fill("mb", 16)...)...)...)
	d = append(d, kdeForTest(19, append(append([]byte{0x31}, testAA[:]...), 48, 2, 1, 0, 244, 1, 0x20)...)...)
	d = AppendTransitionDisable(d, 1)
	d = append(d, kdeForTest(200, 1, 2, 3)...)                  // unknown
	d = append(d, 221, 5, 0x11, 0x22, 0x33, 1, 2, 250, 1, 0x55) // unknown vendor and element
	return d
}

func TestParseKeyData(t *testing.T) {
	b := allKeyData()
	d, err := ParseKeyData(b)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(d.RSNE, b[:4]) || len(d.RSNXE) != 3 || len(d.MDE) != 5 || len(d.FTE) != 4 || len(d.TIEs) != 1 || len(d.WPA) != 8 || string(d.SSID) != "test" || !d.HasSSID {
		t.Errorf("elements: %+v", d)
	}
	if *d.MAC != testAA || *d.Lifetime != 3600 || *d.KeyID != 1 || *d.OCI != (OCI{81, 6, 0}) || *d.TransitionDisable != 1 || d.PMKID == nil {
		t.Errorf("KDEs: %+v", d)
	}
	if k := d.GTK; k.Index != 2 || !k.Tx || !k.Key.Equal(fill("g", 16)) {
		t.Errorf("GTK: %+v", k)
	}
	if k := d.IGTK; k.Index != 5 || k.PN != [6]byte{1, 2, 3, 4, 5, 6} || !k.Key.Equal(fill("i", 16)) {
		t.Errorf("IGTK: %+v", k)
	}
	if k := d.BIGTK; k.Index != 7 || k.PN != [6]byte{6, 5, 4, 3, 2, 1} || !k.Key.Equal(fill("b", 16)) {
		t.Errorf("BIGTK: %+v", k)
	}
	if len(d.MLOKeys) != 3 || d.MLOKeys[0].Link != 2 || d.MLOKeys[0].Index != 1 || !d.MLOKeys[0].Tx || d.MLOKeys[1].Link != 3 || d.MLOKeys[2].Link != 4 || d.MLOKeys[2].Index != 6 || !d.MLOKeys[2].Key.Equal(fill("mb", 16)) {
		t.Errorf("MLO: %+v", d.MLOKeys)
	}
	if len(d.MLOLinks) != 1 || d.MLOLinks[0].Link != 1 || d.MLOLinks[0].Addr != testAA || len(d.MLOLinks[0].RSNE) != 4 || len(d.MLOLinks[0].RSNXE) != 3 {
		t.Errorf("links: %+v", d.MLOLinks)
	}
	// Padding of every length; what follows an element's end otherwise is an error.
	for n := 1; n < 16; n++ {
		if _, err := ParseKeyData(append(bytes.Clone(b), append([]byte{0xdd}, make([]byte, n-1)...)...)); err != nil {
			t.Errorf("padding of %d bytes: %v", n, err)
		}
	}
	if _, err := ParseKeyData(append(bytes.Clone(b), 0xdd, 0, 1)); err == nil {
		t.Error("padding with a one accepted")
	}
}

// TestKeyDataPrefixes: a prefix is an error unless it ends between elements or
// looks like padding.
func TestKeyDataPrefixes(t *testing.T) {
	b := allKeyData()
	ends := map[int]bool{0: true}
	for off := 0; off < len(b); {
		off += 2 + int(b[off+1])
		ends[off] = true
	}
	for n := range b {
		_, err := ParseKeyData(b[:n])
		pad := n > 0 && ends[n-1] && (b[n-1] == 0xdd || b[n-1] == 0)
		if (err == nil) != (ends[n] || pad) {
			t.Errorf("prefix of %d bytes: %v", n, err)
		}
	}
}

func TestKDESizes(t *testing.T) {
	for typ, want := range map[uint8]int{3: 6, 4: 16, 7: 4, 10: 2} {
		for n := range 20 {
			k := kdeForTest(typ, make([]byte, n)...)
			if _, err := ParseKeyData(k); (err == nil) != (n == want) {
				t.Errorf("KDE %d of %d bytes: %v", typ, n, err)
			}
			if n == want {
				if _, err := ParseKeyData(append(k, k...)); err == nil {
					t.Errorf("KDE %d twice accepted", typ)
				}
			}
		}
	}
	for n := range 6 {
		if _, err := ParseKeyData(kdeForTest(13, make([]byte, n)...)); (err == nil) != (n >= 3) {
			t.Errorf("OCI of %d bytes: %v", n, err)
		}
	}
	for typ, head := range map[uint8]int{1: 2, 9: 8, 14: 8, 16: 7, 17: 9, 18: 9} {
		for n := range 50 {
			if _, err := ParseKeyData(kdeForTest(typ, make([]byte, n)...)); (err == nil) != (n > head && n <= head+32) {
				t.Errorf("key KDE %d of %d bytes: %v", typ, n, err)
			}
		}
	}
}

func TestPadKeyData(t *testing.T) {
	for n := range 40 {
		p := PadKeyData(fill("x", n))
		if len(p) < 16 || len(p)%8 != 0 || len(p)-max(n, 8) > 8 || !bytes.Equal(p[:n], fill("x", n)) || len(p) > n && p[n] != 0xdd {
			t.Errorf("%d bytes padded to %x", n, p)
		}
	}
}

func TestOCIValidate(t *testing.T) {
	for _, v := range []struct {
		peer, own OCI
		ok        bool
	}{
		{OCI{81, 6, 0}, OCI{81, 6, 0}, true},
		{OCI{81, 6, 0}, OCI{81, 1, 0}, false},
		{OCI{128, 36, 0}, OCI{115, 36, 0}, true}, // wider than we use
		{OCI{115, 36, 0}, OCI{128, 36, 0}, false},
		{OCI{116, 36, 0}, OCI{117, 36, 0}, false}, // class 117 has no channel 36
		{OCI{83, 6, 0}, OCI{84, 6, 0}, false},     // secondary on the other side
		{OCI{83, 6, 0}, OCI{83, 6, 0}, true},
		{OCI{130, 36, 155}, OCI{130, 36, 155}, true},
		{OCI{130, 36, 106}, OCI{130, 36, 155}, false},
		{OCI{131, 37, 0}, OCI{131, 37, 0}, true},
		{OCI{137, 37, 0}, OCI{134, 37, 0}, true},
		{OCI{0, 0, 0}, OCI{81, 6, 0}, false},
		{OCI{81, 6, 0}, OCI{0, 0, 0}, false},
		{OCI{81, 36, 0}, OCI{115, 36, 0}, false},
	} {
		if err := v.peer.Validate(v.own); (err == nil) != v.ok {
			t.Errorf("%v against %v: %v", v.peer, v.own, err)
		}
	}
}

func TestNames(t *testing.T) {
	for _, s := range []struct{ got, want string }{
		{MessageM3.String(), "4-way 3/4"}, {Message(99).String(), "unknown message"}, {KeyBeacon.String(), "BIGTK"},
		{KeyUse(0).String(), "unknown key"}, {TimerRekey.String(), "rekey"}, {Timer(0).String(), "unknown timer"},
		{StateDone.String(), "done"}, {State(77).String(), "unknown state"}, {CausePossiblyWrongPSK.String(), "possibly wrong PSK"},
		{CauseRandom.String(), "no randomness"}, {Cause(0).String(), "unknown cause"}, {ProtectionNone.String(), "unencrypted"},
		{Protection(9).String(), "invalid"}, {OCI{128, 36, 0}.String(), "class 128 channel 36 segment 0"},
	} {
		if s.got != s.want {
			t.Errorf("%q, want %q", s.got, s.want)
		}
	}
}

func FuzzParseKeyFrame(f *testing.F) {
	a := &authenticator{version: 2, mic: "sha1", kck: make([]byte, 16), tkLen: 16}
	f.Add(a.m1(nil), 16)
	f.Add(a.m1(kdeForTest(4, make([]byte, 16)...)), 24)
	f.Add([]byte{1, 3, 0, 0}, 0)
	f.Fuzz(func(t *testing.T, pdu []byte, mic int) {
		if mic != 0 && mic != 16 && mic != 24 && mic != 32 {
			return
		}
		k, err := ParseKeyFrame(pdu, mic)
		if err != nil {
			return
		}
		out := k.Append(nil)
		// The eight reserved bytes are not kept; all others are.
		if len(out) > len(pdu) || !bytes.Equal(out[:73], pdu[:73]) || !bytes.Equal(out[81:], pdu[81:len(out)]) {
			t.Errorf("%x became %x", pdu, out)
		}
	})
}

func FuzzParseKeyData(f *testing.F) {
	f.Add(allKeyData())
	f.Add([]byte{0xdd})
	f.Add(kdeForTest(1, 1, 0, 5))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := ParseKeyData(b)
		if err != nil {
			return
		}
		for _, k := range []*GroupKey{d.GTK, d.IGTK, d.BIGTK} {
			if k == nil {
				continue
			}
			e, err := ParseKeyData(AppendGroupKey(nil, k))
			if err != nil {
				t.Fatalf("%+v does not survive: %v", k, err)
			}
			for _, g := range []*GroupKey{e.GTK, e.IGTK, e.BIGTK} {
				if g != nil && (g.Index != k.Index || !g.Key.Equal(k.Key) || g.PN != k.PN) {
					t.Errorf("%+v became %+v", k, g)
				}
			}
		}
	})
}

// FuzzAuthenticKeyData gives the machine authentic messages 3 and group messages with
// arbitrary Key Data and flags: it may drop or fail, but not give out a key of the
// wrong length, and never one twice.
func FuzzAuthenticKeyData(f *testing.F) {
	v := modeNamed(f, "WPA2-PSK PMF")
	rsne, _ := v.apElements()
	f.Add(uint16(0x13c8), append(bytes.Clone(rsne), allKeyData()[4:]...))
	f.Add(uint16(0x1380), kdeForTest(1, append([]byte{1, 0}, make([]byte, 16)...)...))
	f.Fuzz(func(t *testing.T, info uint16, data []byte) {
		if len(data) > 2000 {
			return
		}
		w := newWorld(t, v, nil)
		w.begin(ProtectionNone)
		for range 2 {
			for _, k := range all[InstallKey](w.rx(w.a.m3With(info&^7, data), ProtectionNone)) {
				if len(k.Key) != 16 {
					t.Errorf("%v of %d bytes", k.Use, len(k.Key))
				}
			}
		}
		for k, n := range w.installs {
			if n > 1 {
				t.Errorf("%s installed %d times", k, n)
			}
		}
	})
}

// FuzzReceive gives a machine in the middle of a handshake any PDU.
func FuzzReceive(f *testing.F) {
	v := modeNamed(f, "SAE")
	w := newWorld(f, v, nil)
	f.Add(w.a.m1(nil), uint8(0))
	w.begin(ProtectionNone)
	f.Add(w.a.m3(), uint8(1))
	f.Add(w.a.g1(), uint8(2))
	f.Fuzz(func(t *testing.T, pdu []byte, p uint8) {
		w := newWorld(t, v, nil)
		w.m.Receive(testAA, pdu, Protection(p))
		w.begin(ProtectionNone)
		outs := w.m.Receive(testAA, pdu, Protection(p))
		if len(all[InstallKey](outs)) != 0 && !bytes.Equal(pdu, w.a.m3()) {
			// Only the authenticator's own bytes can lead to keys; the corpus has
			// them for these fixed nonces.
			k, err := ParseKeyFrame(pdu, 16)
			if err != nil || !k.Verify(keys.MICAESCMAC, w.a.kck) {
				t.Error("keys from a frame without a valid MIC")
			}
		}
	})
}

var _ = dot11.Broadcast
