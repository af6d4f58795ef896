package wext

import (
	"fmt"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// Flags and algorithms of struct iw_encode_ext, and what the flags of its
// iw_point say.
const (
	encodeExtHeader = 40 // bytes before the key

	encodeRxSeqValid = 0x2
	encodeGroupKey   = 0x4
	encodeSetTxKey   = 0x8

	encodeAlgNone = 0
	encodeAlgWEP  = 1
	encodeAlgTKIP = 2
	encodeAlgCCMP = 3

	encodeDisabled = 0x8000
)

// encodeAlgs are the algorithms, and the lengths of their keys in bytes, by the
// suite type of the selector. The TKIP key has its two Michael keys behind.
var encodeAlgs = map[byte]struct {
	alg    uint16
	length int
}{1: {encodeAlgWEP, 5}, 5: {encodeAlgWEP, 13}, 2: {encodeAlgTKIP, 32}, 4: {encodeAlgCCMP, 16}}

// keyRequest makes struct iw_encode_ext: flags (4), transmit and receive
// sequence (8 each), address (16), algorithm and key length (2 each), key. flags
// are those of the point: the index from 1 on, and whether the key goes.
func keyRequest(k *drivers.Key) (req []byte, flags uint16, err error) {
	switch {
	case k.Use != drivers.KeyPairwise && k.Use != drivers.KeyGroup:
		return nil, 0, fmt.Errorf("wext: key for management frames: %w", drivers.ErrNotSupported)
	case k.Activate || k.RxOnly:
		return nil, 0, fmt.Errorf("wext: two pairwise keys: %w", drivers.ErrNotSupported)
	case k.Index < 0 || k.Index > 3:
		return nil, 0, fmt.Errorf("wext: key index %d, 0 to 3", k.Index)
	case len(k.Seq) > 8:
		return nil, 0, fmt.Errorf("wext: sequence counter of %d bytes, at most 8", len(k.Seq))
	}
	req = make([]byte, encodeExtHeader, encodeExtHeader+len(k.Key))
	flags = uint16(k.Index + 1)
	var ext uint32
	addr := k.Addr
	if k.Use == drivers.KeyGroup {
		ext |= encodeGroupKey
		addr = dot11.Broadcast
	}
	if k.Tx {
		ext |= encodeSetTxKey
	}
	order.PutUint16(req[20:], familyEthernet)
	copy(req[22:], addr[:])
	if len(k.Key) == 0 {
		order.PutUint32(req, ext)
		return req, flags | encodeDisabled, nil
	}
	a, ok := encodeAlgs[byte(k.Cipher)]
	if oui := k.Cipher >> 8; !ok || oui != ouiRSN && oui != ouiWPA {
		return nil, 0, fmt.Errorf("wext: key for cipher %08x: %w", k.Cipher, drivers.ErrNotSupported)
	}
	if len(k.Key) != a.length {
		return nil, 0, fmt.Errorf("wext: key of %d bytes for cipher %08x, want %d", len(k.Key), k.Cipher, a.length)
	}
	if len(k.Seq) > 0 {
		ext |= encodeRxSeqValid
		copy(req[12:], k.Seq)
	}
	order.PutUint32(req, ext)
	order.PutUint16(req[36:], a.alg)
	order.PutUint16(req[38:], uint16(len(k.Key)))
	return append(req, k.Key...), flags, nil
}

// setKey installs or removes a key; the copy made for the kernel is wiped.
func (d *device) setKey(k *drivers.Key) error {
	req, flags, err := keyRequest(k)
	if err != nil {
		return err
	}
	_, err = d.kernel.Point(d.name(), cmdSetEncExt, req, flags)
	clear(req)
	return err
}
