package teap

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"testing"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/eaptls"
	"gosupplicant/engine/keys"
)

// byHand is P_SHA256 (RFC 5246, 5), written down a second time.
func byHand(secret []byte, label string, seed []byte, n int) []byte {
	sum := func(parts ...[]byte) []byte {
		h := hmac.New(sha256.New, secret)
		for _, p := range parts {
			h.Write(p)
		}
		return h.Sum(nil)
	}
	ls := append([]byte(label), seed...)
	var out []byte
	for a := sum(ls); len(out) < n; a = sum(a) {
		out = append(out, sum(a, ls)...)
	}
	return out[:n]
}

// TestKeySchedule derives what RFC 7170, 5.2 to 5.4, says (with the 64 bytes of
// RFC 9930 for the key of an EMSK) without the help of the package.
func TestKeySchedule(t *testing.T) {
	seed := bytes.Repeat([]byte{7}, 40)
	inner := &eap.Keys{MSK: bytes.Repeat([]byte{1}, 64), EMSK: bytes.Repeat([]byte{2}, 64)}
	p := prf{expand: eaptls.PRF12, hash: keys.HashSHA256}
	outer := appendTLV(nil, tlvAuthorityID, 1, 2, 3, 4)
	tlv := make([]byte, 80)
	copy(tlv, []byte{0x80, 12, 0, 76, 0, 1, 1, 0x30})
	tlv[8] = 0xaa // of the nonce

	fromMSK := byHand(seed, "Inner Methods Compound Keys", inner.MSK[:32], 60)
	bind := byHand(inner.EMSK, "TEAPbindkey@ietf.org", []byte{0, 0, 64}, 64)
	fromEMSK := byHand(seed, "Inner Methods Compound Keys", bind[:32], 60)
	none := byHand(seed, "Inner Methods Compound Keys", make([]byte, 32), 60)

	byEMSK, ok, byMSK := p.candidates(link{simck: seed}, inner)
	_, has, byNothing := p.candidates(link{simck: seed}, nil)
	if !ok || has {
		t.Errorf("EMSK of a method %v, of none %v", ok, has)
	}
	for _, c := range []struct {
		name string
		got  link
		want []byte
	}{{"MSK", byMSK, fromMSK}, {"EMSK", byEMSK, fromEMSK}, {"no key", byNothing, none}} {
		if !bytes.Equal(c.got.simck, c.want[:40]) || !bytes.Equal(c.got.cmk, c.want[40:]) {
			t.Errorf("%s: another compound key", c.name)
		}
		h := hmac.New(sha256.New, c.want[40:])
		h.Write(tlv)
		h.Write([]byte{55})
		h.Write(outer)
		if got := p.mac(c.got, tlv, outer); !bytes.Equal(got, h.Sum(nil)[:20]) {
			t.Errorf("%s: another compound MAC", c.name)
		}
		k := p.exported(c.got)
		if !bytes.Equal(k.MSK, byHand(c.want[:40], "Session Key Generating Function", nil, 64)) ||
			!bytes.Equal(k.EMSK, byHand(c.want[:40], "Extended Session Key Generating Function", nil, 64)) {
			t.Errorf("%s: other keys leave the method", c.name)
		}
	}
}
