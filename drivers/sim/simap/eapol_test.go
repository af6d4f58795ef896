package simap

import (
	"bytes"
	"testing"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// counter is a reader that never repeats itself.
type counter byte

func (c *counter) Read(b []byte) (int, error) {
	for i := range b {
		*c++
		b[i] = byte(*c)
	}
	return len(b), nil
}

// associatedAP returns an AP that has sent message 1 to mac(9).
func associatedAP(t testing.TB) (*AP, *keyFrame) {
	t.Helper()
	a, err := New(Config{BSSID: mac(1), SSID: []byte("n"), Freq: 2412, Security: SecurityWPA2, Passphrase: "12345678", Random: new(counter)})
	if err != nil {
		t.Fatal(err)
	}
	a.psk = make([]byte, 32) // PBKDF2 takes its time
	rsne, _ := profiles[SecurityWPA2].rsne(false)
	a.Receive(request(a, dot11.SubtypeAuth, mac(9), openRequest), nil)
	outs := a.Receive(request(a, dot11.SubtypeAssocRequest, mac(9), rsne.Append(assocBody("n"))), nil)
	if len(outs) != 3 {
		t.Fatalf("outputs %+v, want response, message 1, timer", outs)
	}
	m1, err := parseKeyFrame(keys.MICHMACSHA1, outs[1].(SendEAPOL).PDU)
	if err != nil {
		t.Fatal(err)
	}
	return a, m1
}

// m2 is the right answer to message 1.
func m2(t testing.TB, a *AP, m1 *keyFrame) []byte {
	t.Helper()
	f := keyFrame{kind: keyTypeRSN, info: 2 | keyPairwise | keyMIC, replay: m1.replay, nonce: keys.Nonce{1}, data: a.peers[mac(9)].rsn.element}
	ptk := keys.DerivePTK(keys.HashSHA1, a.psk, a.BSSID(), mac(9), m1.nonce, f.nonce, keys.PTKLengths{KCK: 16, KEK: 16, TK: 16})
	pdu, err := f.pdu(keys.MICHMACSHA1, ptk.KCK)
	if err != nil {
		t.Fatal(err)
	}
	return pdu
}

// TestM2 changes one thing after the other in message 2.
func TestM2(t *testing.T) {
	a, m1 := associatedAP(t)
	good := m2(t, a, m1)
	for n := range len(good) {
		if outs := a.ReceiveEAPOL(mac(9), good[:n], nil); len(outs) != 0 {
			t.Errorf("answer to %d of %d bytes", n, len(good))
		}
	}
	for n := 4; n < len(good); n++ {
		bad := bytes.Clone(good)
		bad[n] ^= 0x40
		if outs := a.ReceiveEAPOL(mac(9), bad, nil); len(outs) != 0 {
			t.Errorf("answer with byte %d changed", n)
		}
	}
	if outs := a.ReceiveEAPOL(mac(8), good, nil); len(outs) != 0 {
		t.Error("answer to a stranger")
	}
	if outs := a.ReceiveEAPOL(mac(9), good, make([]byte, 16)); len(outs) != 0 {
		t.Error("answer to a protected frame before there is a key")
	}
	outs := a.ReceiveEAPOL(mac(9), append(good, 0, 0), nil) // padding of a short Ethernet frame
	if len(outs) != 2 {
		t.Fatalf("outputs %+v, want message 3 and timer", outs)
	}
	if m3, err := parseKeyFrame(keys.MICHMACSHA1, outs[0].(SendEAPOL).PDU); err != nil || m3.info != 2|keyPairwise|keyInstall|keyAck|keyMIC|keySecure|keyEncrypted ||
		m3.replay != m1.replay+1 || m3.nonce != m1.nonce || m3.keyLen != 16 {
		t.Errorf("message 3 %+v, %v", m3, err)
	}
	if _, _, _, ok := a.Keys(mac(9)); ok {
		t.Error("keys are in use before message 4")
	}
}

// TestM2OtherElement: an RSNE unlike that of the association (12.7.6.3).
func TestM2OtherElement(t *testing.T) {
	a, m1 := associatedAP(t)
	e := a.peers[mac(9)].rsn.element
	other := bytes.Clone(e)
	other[len(other)-1] ^= 1
	a.peers[mac(9)].rsn.element = other
	pdu := m2(t, a, m1)
	a.peers[mac(9)].rsn.element = e
	h, body := answer(t, a.ReceiveEAPOL(mac(9), pdu, nil))
	if f, err := dot11.ParseDisconnect(body); err != nil || h.Subtype != dot11.SubtypeDeauth || f.Reason != dot11.ReasonElementMismatch {
		t.Errorf("%+v %+v %v", h, f, err)
	}
}

func TestNoPassphrase(t *testing.T) {
	for _, cfg := range []Config{{Security: SecurityWPA2}, {Security: SecurityWPA2, Passphrase: "12345678"}, {Security: SecurityWPAEnterprise, Passphrase: "12345678", Random: new(counter)}} {
		cfg.BSSID, cfg.SSID, cfg.Freq = mac(1), []byte("n"), 2412
		a := mustNew(t, cfg)
		a.Receive(request(a, dot11.SubtypeAuth, mac(9), openRequest), nil)
		_, body := answer(t, a.Receive(request(a, dot11.SubtypeAssocRequest, mac(9), assocBody("n")), nil))
		if f, err := dot11.ParseAssocResponse(body); err != nil || f.Status != dot11.StatusAssocDenied {
			t.Errorf("%v: %+v, %v", cfg.Security, f, err)
		}
	}
	if _, err := New(Config{BSSID: mac(1), SSID: []byte("n"), Freq: 2412, Passphrase: "short"}); err == nil {
		t.Error("a short passphrase is accepted")
	}
}

func FuzzReceiveEAPOL(f *testing.F) {
	a, m1 := associatedAP(f)
	good := m2(f, a, m1)
	f.Add(good, false)
	f.Add(good[:99], true)
	f.Fuzz(func(t *testing.T, pdu []byte, later bool) {
		a, m1 := associatedAP(t)
		if later {
			a.ReceiveEAPOL(mac(9), m2(t, a, m1), nil)
		}
		a.ReceiveEAPOL(mac(9), pdu, nil)
		// Nobody without the PMK gets to the end.
		if _, _, _, ok := a.Keys(mac(9)); ok {
			t.Error("keys are in use")
		}
	})
}
