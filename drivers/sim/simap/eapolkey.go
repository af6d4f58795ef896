package simap

import (
	"encoding/binary"
	"fmt"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// This is a codec of its own for EAPOL-Key frames (12.7.2), apart from the station's, so that an error there shows here.

// Bits of the Key Information field.
const (
	keyVersion   = 7      // descriptor version
	keyPairwise  = 1 << 3 // else group
	keyIndex     = 4      // shift of the index, WPA's group message only
	keyInstall   = 1 << 6
	keyAck       = 1 << 7
	keyMIC       = 1 << 8
	keySecure    = 1 << 9
	keyError     = 1 << 10
	keyRequest   = 1 << 11
	keyEncrypted = 1 << 12
)

// Offsets in a PDU, from the protocol version on.
const (
	eapolType    = 1
	eapolLength  = 2
	keyType      = 4
	keyInfo      = 5
	keyLength    = 7
	keyReplay    = 9
	keyNonce     = 17
	keyIV        = 49
	keyRSC       = 65
	keyMICField  = 81 // its length depends on the AKM; the length of the data follows
	eapolKeyType = 3
	keyTypeRSN   = 2
	keyTypeWPA   = 254
)

// dataAt is the offset of the data behind a MIC.
func dataAt(mic keys.MIC) int { return keyMICField + mic.Len() + 2 }

// keyFrame is an EAPOL-Key frame.
type keyFrame struct {
	kind   byte // descriptor
	info   uint16
	keyLen uint16
	replay uint64
	nonce  keys.Nonce
	iv     [16]byte
	rsc    [8]byte
	data   []byte
}

// append writes the PDU, with a MIC when kck is not nil.
func (f *keyFrame) pdu(mic keys.MIC, kck []byte) ([]byte, error) {
	at := dataAt(mic)
	b := make([]byte, at, at+len(f.data))
	b[0], b[eapolType], b[keyType] = 2, eapolKeyType, f.kind
	be := binary.BigEndian
	be.PutUint16(b[eapolLength:], uint16(at-keyType+len(f.data)))
	be.PutUint16(b[keyInfo:], f.info)
	be.PutUint16(b[keyLength:], f.keyLen)
	be.PutUint64(b[keyReplay:], f.replay)
	copy(b[keyNonce:], f.nonce[:])
	copy(b[keyIV:], f.iv[:])
	copy(b[keyRSC:], f.rsc[:])
	be.PutUint16(b[at-2:], uint16(len(f.data)))
	b = append(b, f.data...)
	if kck == nil {
		return b, nil
	}
	sum, err := mic.Sum(kck, b)
	if err != nil {
		return nil, err
	}
	copy(b[keyMICField:at-2], sum)
	return b, nil
}

// parseKeyFrame reads a PDU. Its MIC is not checked.
func parseKeyFrame(mic keys.MIC, b []byte) (*keyFrame, error) {
	at := dataAt(mic)
	if len(b) < at {
		return nil, fmt.Errorf("simap: EAPOL-Key of %d bytes, at least %d", len(b), at)
	}
	be := binary.BigEndian
	body := int(be.Uint16(b[eapolLength:]))
	data := int(be.Uint16(b[at-2:]))
	switch {
	case b[eapolType] != eapolKeyType || b[keyType] != keyTypeRSN && b[keyType] != keyTypeWPA:
		return nil, fmt.Errorf("simap: EAPOL type %d, descriptor %d: not an EAPOL-Key of RSN or WPA", b[eapolType], b[keyType])
	case body > len(b)-keyType || data > body-(at-keyType):
		return nil, fmt.Errorf("simap: EAPOL-Key with body of %d and data of %d in %d bytes", body, data, len(b))
	}
	f := &keyFrame{kind: b[keyType], info: be.Uint16(b[keyInfo:]), keyLen: be.Uint16(b[keyLength:]), replay: be.Uint64(b[keyReplay:]),
		data: b[at : at+data]}
	copy(f.nonce[:], b[keyNonce:])
	copy(f.rsc[:], b[keyRSC:])
	return f, nil
}

// checkMIC verifies the MIC of a parsed PDU.
func checkMIC(mic keys.MIC, kck, pdu []byte) bool {
	whole := append([]byte(nil), pdu[:keyType+int(binary.BigEndian.Uint16(pdu[eapolLength:]))]...)
	field := whole[keyMICField : dataAt(mic)-2]
	got := append([]byte(nil), field...)
	clear(field)
	want, err := mic.Sum(kck, whole)
	return err == nil && keys.Equal(got, want)
}

// Key data encapsulations (table 12-10).
const (
	kdeGTK   = 1
	kdePMKID = 4
	kdeIGTK  = 9
)

func appendKDE(b []byte, typ uint8, body ...byte) []byte {
	return dot11.AppendVendorElement(b, dot11.OUIIEEE, typ, body...)
}

// wrapKeyData pads and encrypts Key Data (12.7.2, item j).
func wrapKeyData(kek, data []byte) ([]byte, error) {
	if len(data) < 16 || len(data)%8 != 0 {
		data = append(data[:len(data):len(data)], 0xdd)
		for len(data) < 16 || len(data)%8 != 0 {
			data = append(data, 0)
		}
	}
	return keys.Wrap(kek, data)
}
