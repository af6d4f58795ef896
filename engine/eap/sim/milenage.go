package sim

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"strings"

	"gosupplicant/engine/keys"
)

// Milenage is the set of functions of 3GPP TS 35.206 with one subscriber's key:
// what a card computes, and its operator. It does not print its keys.
type Milenage struct {
	block cipher.Block
	opc   [16]byte
}

// NewMilenage makes the functions of the subscriber key and OPc, 16 bytes each.
func NewMilenage(k, opc []byte) (*Milenage, error) {
	if len(k) != 16 || len(opc) != 16 {
		return nil, fmt.Errorf("sim: key of %d and OPc of %d bytes, want 16 each", len(k), len(opc))
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, fmt.Errorf("sim: %w", err)
	}
	return &Milenage{block: block, opc: [16]byte(opc)}, nil
}

// String names the algorithm and nothing else.
func (m Milenage) String() string { return "Milenage" }

// GoString is String.
func (m Milenage) GoString() string { return m.String() }

// out is the common shape of the functions: E(rotated input xor c xor other) xor
// OPc, the rotation being in whole bytes to the left.
func (m *Milenage) out(in [16]byte, rotate int, c byte, other *[16]byte) [16]byte {
	var x [16]byte
	for i := range x {
		x[i] = in[(i+rotate)%16] ^ m.opc[(i+rotate)%16]
		if other != nil {
			x[i] ^= other[i]
		}
	}
	x[15] ^= c
	m.block.Encrypt(x[:], x[:])
	subtle.XORBytes(x[:], x[:], m.opc[:])
	return x
}

func (m *Milenage) temp(rand []byte) [16]byte {
	var x [16]byte
	subtle.XORBytes(x[:], rand, m.opc[:])
	m.block.Encrypt(x[:], x[:])
	return x
}

// F1 returns MAC-A and MAC-S, 8 bytes each, of a challenge (16 bytes), sequence
// number (6) and AMF (2).
func (m *Milenage) F1(rand, sqn, amf []byte) (macA, macS []byte) {
	t := m.temp(rand)
	var in [16]byte
	for _, half := range [][]byte{in[:8], in[8:]} {
		copy(half[copy(half, sqn):], amf)
	}
	o := m.out(in, 8, 0, &t)
	return o[:8], o[8:]
}

// F2345 returns RES (8 bytes), CK and IK (16 each), AK and the AK of
// resynchronisations (6 each) of a challenge.
func (m *Milenage) F2345(rand []byte) (res, ck, ik, ak, akStar []byte) {
	t := m.temp(rand)
	o2, o3 := m.out(t, 0, 1, nil), m.out(t, 4, 2, nil)
	o4, o5 := m.out(t, 8, 4, nil), m.out(t, 12, 8, nil)
	return o2[8:], o3[:], o4[:], o2[:sqnLen], o5[:sqnLen]
}

// GSM returns Kc (8 bytes) and SRES (4) of a challenge, by the conversion
// functions of 3GPP TS 55.205.
func (m *Milenage) GSM(rand []byte) (kc [8]byte, sres [4]byte) {
	res, ck, ik, _, _ := m.F2345(rand)
	for i := range kc {
		kc[i] = ck[i] ^ ck[i+8] ^ ik[i] ^ ik[i+8]
	}
	for i := range sres {
		sres[i] = res[i] ^ res[i+4]
	}
	return kc, sres
}

// AUTN returns the token of an operator for a challenge (3GPP TS 33.102, 6.3.2).
func (m *Milenage) AUTN(rand, sqn, amf []byte) []byte {
	macA, _ := m.F1(rand, sqn, amf)
	_, _, _, ak, _ := m.F2345(rand)
	autn := make([]byte, sqnLen, autnLen)
	subtle.XORBytes(autn, sqn, ak)
	return append(append(autn, amf...), macA...)
}

// Resync returns the sequence number out of a card's AUTS (14 bytes), false
// unless its MAC fits the challenge.
func (m *Milenage) Resync(rand, auts []byte) (sqn []byte, ok bool) {
	_, _, _, _, ak := m.F2345(rand)
	sqn = make([]byte, sqnLen)
	subtle.XORBytes(sqn, auts, ak)
	_, macS := m.F1(rand, sqn, make([]byte, 2))
	return sqn, keys.Equal(macS, auts[sqnLen:])
}

// auts is the answer to a sequence number that is not above ours.
func (m *Milenage) auts(rand, sqn []byte) []byte {
	_, macS := m.F1(rand, sqn, make([]byte, 2))
	_, _, _, _, ak := m.F2345(rand)
	auts := make([]byte, sqnLen, autsLen)
	subtle.XORBytes(auts, sqn, ak)
	return append(auts, macS...)
}

// parseSoftCard reads "Ki:OPc[:SQN]" in hexadecimal; without SQN it is zero.
func parseSoftCard(password []byte) (m *Milenage, sqn [sqnLen]byte, err error) {
	parts := strings.Split(string(password), ":")
	if len(parts) != 2 && len(parts) != 3 {
		return nil, sqn, fmt.Errorf("sim: the password is not Ki:OPc[:SQN]")
	}
	var b [3][]byte
	for i, p := range parts {
		if b[i], err = hex.DecodeString(p); err != nil {
			return nil, sqn, fmt.Errorf("sim: part %d of the password Ki:OPc[:SQN] is not hexadecimal", i+1)
		}
		defer clear(b[i])
	}
	if len(parts) == 3 && len(b[2]) != sqnLen {
		return nil, sqn, fmt.Errorf("sim: SQN of %d bytes, want %d", len(b[2]), sqnLen)
	}
	copy(sqn[:], b[2])
	m, err = NewMilenage(b[0], b[1])
	return m, sqn, err
}
