package simap

import (
	"testing"

	"gosupplicant/engine/dot11"
)

// request makes a frame from a station.
func request(a *AP, kind dot11.Subtype, sta dot11.MAC, body []byte) []byte {
	h := dot11.MgmtHeader{Subtype: kind, DA: a.BSSID(), SA: sta, BSSID: a.BSSID()}
	return append(h.Append(nil), body...)
}

// answer returns the only frame that the AP sends, parsed.
func answer(t *testing.T, outs []Output) (dot11.MgmtHeader, []byte) {
	t.Helper()
	if len(outs) != 1 {
		t.Fatalf("%d outputs, want one frame", len(outs))
	}
	h, body, err := dot11.ParseMgmt(outs[0].(Send).Frame)
	if err != nil {
		t.Fatal(err)
	}
	return h, body
}

var openRequest = (&dot11.Auth{Alg: dot11.AuthAlgOpen, Seq: 1}).Append(nil)

func assocBody(ssid string) []byte {
	es := dot11.AppendElement(nil, dot11.ElementSSID, []byte(ssid)...)
	es = dot11.AppendElement(es, dot11.ElementSupportedRates, 0x82, 0x84)
	return (&dot11.AssocRequest{Caps: dot11.CapESS, ListenInterval: 5, Elements: es}).Append(nil)
}

func TestAssociationIDs(t *testing.T) {
	a := mustNew(t, Config{BSSID: mac(1), SSID: []byte("n"), Freq: 5180, Phy: PhyEHT, Width: 80})
	join := func(sta dot11.MAC) uint16 {
		h, body := answer(t, a.Receive(request(a, dot11.SubtypeAuth, sta, openRequest), nil))
		f, err := dot11.ParseAuth(body)
		if err != nil || h.DA != sta || f.Seq != 2 || f.Status != dot11.StatusSuccess {
			t.Fatalf("%+v %+v %v", h, f, err)
		}
		_, body = answer(t, a.Receive(request(a, dot11.SubtypeAssocRequest, sta, assocBody("n")), nil))
		r, err := dot11.ParseAssocResponse(body)
		if err != nil || r.Status != dot11.StatusSuccess || len(r.Elements.Rates()) == 0 || !a.Associated(sta) {
			t.Fatalf("%+v %v", r, err)
		}
		return r.AID
	}
	if x, y, z := join(mac(11)), join(mac(12)), join(mac(13)); x != 1 || y != 2 || z != 3 {
		t.Errorf("AIDs %d %d %d", x, y, z)
	}
	a.Receive(request(a, dot11.SubtypeDisassoc, mac(12), []byte{8, 0}), nil)
	if a.Associated(mac(12)) {
		t.Error("disassociation is not heard")
	}
	if aid := join(mac(14)); aid != 2 {
		t.Errorf("the free AID is not used again: %d", aid)
	}
	a.Receive(request(a, dot11.SubtypeDeauth, mac(11), []byte{3, 0}), nil)
	h, body := answer(t, a.Receive(request(a, dot11.SubtypeAssocRequest, mac(11), assocBody("n")), nil))
	if f, err := dot11.ParseDisconnect(body); err != nil || h.Subtype != dot11.SubtypeDeauth || f.Reason != dot11.ReasonAssocWithoutAuth {
		t.Errorf("association after deauthentication: %+v %+v %v", h, f, err)
	}
	h, _ = answer(t, a.Deauthenticate(mac(13), dot11.ReasonAPBusy))
	if h.Subtype != dot11.SubtypeDeauth || h.DA != mac(13) || a.Associated(mac(13)) {
		t.Errorf("%+v", h)
	}
	h, _ = answer(t, a.Disassociate(mac(14), dot11.ReasonAPBusy))
	if h.Subtype != dot11.SubtypeDisassoc || a.Associated(mac(14)) {
		t.Errorf("%+v", h)
	}
}

func TestAuthStatus(t *testing.T) {
	a := mustNew(t, Config{BSSID: mac(1), SSID: []byte("n"), Freq: 2412})
	for _, tc := range []struct {
		alg  dot11.AuthAlg
		seq  uint16
		want dot11.Status
	}{{dot11.AuthAlgOpen, 1, dot11.StatusSuccess}, {dot11.AuthAlgOpen, 3, dot11.StatusAuthTransaction},
		{dot11.AuthAlgSAE, 1, dot11.StatusAuthAlgUnsupported}, {dot11.AuthAlgSharedKey, 1, dot11.StatusAuthAlgUnsupported}} {
		_, body := answer(t, a.Receive(request(a, dot11.SubtypeAuth, mac(9), (&dot11.Auth{Alg: tc.alg, Seq: tc.seq}).Append(nil)), nil))
		if f, err := dot11.ParseAuth(body); err != nil || f.Status != tc.want {
			t.Errorf("algorithm %d, transaction %d: %+v, %v", tc.alg, tc.seq, f, err)
		}
	}
	for n := range maxPeers + 1 {
		sta := dot11.MAC{2, 1, 0, 0, byte(n >> 8), byte(n)}
		_, body := answer(t, a.Receive(request(a, dot11.SubtypeAuth, sta, openRequest), nil))
		f, _ := dot11.ParseAuth(body)
		if full := n >= maxPeers-1; (f.Status == dot11.StatusAPFull) != full { // one is there already
			t.Fatalf("station %d: status %d", n, f.Status)
		}
	}
	a.Restart()
	if len(a.peers) != 0 {
		t.Error("stations survive the restart")
	}
}

func TestReceiveIgnores(t *testing.T) {
	a := mustNew(t, Config{BSSID: mac(1), SSID: []byte("n"), Freq: 2412})
	good := request(a, dot11.SubtypeAuth, mac(9), openRequest)
	for n := range len(good) {
		if outs := a.Receive(good[:n], nil); n < len(good) && len(outs) != 0 {
			t.Errorf("answer to %d of %d bytes", n, len(good))
		}
	}
	for name, change := range map[string]func(b []byte){
		"data frame":    func(b []byte) { b[0] |= 8 },
		"for another":   func(b []byte) { b[9]++ },
		"other BSS":     func(b []byte) { b[21]++ },
		"from a group":  func(b []byte) { b[10] |= 1 },
		"protected":     func(b []byte) { b[1] |= dot11.FrameFlagProtected },
		"probe request": func(b []byte) { b[0] = byte(dot11.SubtypeProbeRequest) << 4 },
	} {
		b := append([]byte(nil), good...)
		change(b)
		if outs := a.Receive(b, nil); len(outs) != 0 {
			t.Errorf("%s: answered", name)
		}
	}
	a.Receive(good, nil)
	bad := request(a, dot11.SubtypeAssocRequest, mac(9), append(assocBody("n"), 1, 9))
	if outs := a.Receive(bad, nil); len(outs) != 0 || a.Associated(mac(9)) {
		t.Error("malformed elements are accepted")
	}
}

func FuzzReceive(f *testing.F) {
	seed, err := New(Config{BSSID: mac(1), SSID: []byte("n"), Freq: 2412})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(request(seed, dot11.SubtypeAuth, mac(9), openRequest))
	f.Add(request(seed, dot11.SubtypeAssocRequest, mac(9), assocBody("n")))
	f.Add(request(seed, dot11.SubtypeDeauth, mac(9), []byte{3, 0}))
	f.Fuzz(func(t *testing.T, frame []byte) {
		a, err := New(Config{BSSID: mac(1), SSID: []byte("n"), Freq: 2412})
		if err != nil {
			t.Fatal(err)
		}
		a.Receive(request(a, dot11.SubtypeAuth, mac(9), openRequest), nil)
		for _, o := range a.Receive(frame, nil) {
			h, _, err := dot11.ParseMgmt(o.(Send).Frame)
			if err != nil || h.SA != mac(1) || h.DA.IsGroup() {
				t.Errorf("sent %+v, %v", h, err)
			}
		}
	})
}
