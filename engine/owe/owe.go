package owe

import (
	"bytes"
	"crypto/ecdh"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// ErrNoElement: the association response carries no Diffie-Hellman Parameter
// element, so the AP did not do OWE.
var ErrNoElement = errors.New("owe: no Diffie-Hellman Parameter element")

// ErrReflection: the peer's public key is our own.
var ErrReflection = errors.New("owe: own public key reflected")

// group is one of the groups of RFC 8110 section 4.2.
type group struct {
	curve ecdh.Curve
	hash  keys.Hash
	size  int // bytes of a coordinate
}

func groupOf(id uint16) (group, bool) {
	switch id {
	case 19:
		return group{ecdh.P256(), keys.HashSHA256, 32}, true
	case 20:
		return group{ecdh.P384(), keys.HashSHA384, 48}, true
	case 21:
		return group{ecdh.P521(), keys.HashSHA512, 66}, true
	}
	return group{}, false
}

// Supported reports whether a group can be used.
func Supported(id uint16) bool { _, ok := groupOf(id); return ok }

// Key is the key pair of one association.
type Key struct {
	id   uint16
	g    group
	priv *ecdh.PrivateKey
}

// NewKey makes a key pair in a group (19, 20 or 21) from the bytes of random.
func NewKey(random io.Reader, id uint16) (*Key, error) {
	g, ok := groupOf(id)
	if !ok {
		return nil, fmt.Errorf("owe: group %d is not supported", id)
	}
	b := make([]byte, g.size)
	// A candidate outside 1 … order-1 is drawn again; the chance is below 2^-32
	// but for P-521, whose top byte is masked.
	for range 64 {
		if _, err := io.ReadFull(random, b); err != nil {
			return nil, fmt.Errorf("owe: no randomness: %w", err)
		}
		if id == 21 {
			b[0] &= 1
		}
		if priv, err := g.curve.NewPrivateKey(b); err == nil {
			clear(b)
			return &Key{id, g, priv}, nil
		}
	}
	return nil, errors.New("owe: unusable randomness")
}

// Hash returns the hash of the key's group, which the PTK is derived with too
// (but for peers that owe_ptk_workaround is for: they take SHA-256 always).
func (k *Key) Hash() keys.Hash { return k.g.hash }

// String names the group and nothing else.
func (k *Key) String() string { return fmt.Sprintf("OWE key of group %d", k.id) }

// GoString is String.
func (k *Key) GoString() string { return k.String() }

// x is the abscissa of a public key, which is all that is sent.
func (k *Key) x() []byte { return k.priv.PublicKey().Bytes()[1 : 1+k.g.size] }

// Element returns the Diffie-Hellman Parameter element (RFC 8110 section 4.2,
// IEEE Std 802.11 9.4.2.310): the group, little-endian, and the abscissa.
func (k *Key) Element() []byte {
	return dot11.AppendExtElement(nil, dot11.ExtIDDHParameter, append(binary.LittleEndian.AppendUint16(nil, k.id), k.x()...)...)
}

// Result is what an exchange leads to.
type Result struct {
	PMK   keys.Secret // as long as the group's hash
	PMKID keys.PMKID
}

// Finish takes the elements of the association response and derives the keys
// (RFC 8110 section 4.4). A public key that is in another group, not of the
// group's length, not the abscissa of a point, or our own is an error, and so is
// an answer without one (ErrNoElement).
func (k *Key) Finish(es dot11.Elements) (*Result, error) {
	peer, err := k.peer(es)
	if err != nil {
		return nil, err
	}
	return k.derive(peer, k.x(), peer)
}

// FinishAP takes the elements of the association request, on the AP's side. Its
// errors are those of Finish.
func (k *Key) FinishAP(es dot11.Elements) (*Result, error) {
	peer, err := k.peer(es)
	if err != nil {
		return nil, err
	}
	return k.derive(peer, peer, k.x())
}

// Group returns the group of a request's element, for the AP to choose its key.
func Group(es dot11.Elements) (uint16, error) {
	body, ok := es.FindExt(dot11.ExtIDDHParameter)
	if !ok {
		return 0, ErrNoElement
	}
	if len(body) < 2 {
		return 0, fmt.Errorf("owe: Diffie-Hellman Parameter element of %d bytes", len(body))
	}
	return binary.LittleEndian.Uint16(body), nil
}

// peer returns the abscissa the other side sent.
func (k *Key) peer(es dot11.Elements) ([]byte, error) {
	id, err := Group(es)
	if err != nil {
		return nil, err
	}
	body, _ := es.FindExt(dot11.ExtIDDHParameter)
	switch {
	case id != k.id:
		return nil, fmt.Errorf("owe: answer in group %d, asked in %d", id, k.id)
	case len(body) != 2+k.g.size:
		return nil, fmt.Errorf("owe: public key of %d bytes, group %d has %d", len(body)-2, id, k.g.size)
	}
	if bytes.Equal(body[2:], k.x()) {
		return nil, ErrReflection
	}
	return body[2:], nil
}

// derive computes PMK and PMKID (RFC 8110 section 4.4) from the peer's abscissa
// and those of client and AP.
func (k *Key) derive(peer, c, a []byte) (*Result, error) {
	pub, err := decompress(k.g, peer)
	if err != nil {
		return nil, err
	}
	z, err := k.priv.ECDH(pub)
	if err != nil {
		return nil, fmt.Errorf("owe: %w", err)
	}
	gid := binary.LittleEndian.AppendUint16(nil, k.id)
	salt := append(append(append([]byte(nil), c...), a...), gid...)
	prk := k.g.hash.HMAC(salt, z)
	clear(z)
	// HKDF-Expand with one block: the PMK is as long as the hash.
	out := &Result{PMK: k.g.hash.HMAC(prk, []byte("OWE Key Generation"), []byte{1})}
	clear(prk)
	h := k.g.hash.New()
	h.Write(c)
	h.Write(a)
	copy(out.PMKID[:], h.Sum(nil))
	return out, nil
}
