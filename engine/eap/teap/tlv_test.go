package teap

import (
	"bytes"
	"errors"
	"testing"
)

func TestParseMessage(t *testing.T) {
	var b []byte
	b = appendNumber(b, tlvIdentityType, identityMachine)
	b = appendNumber(b, tlvIntermediate, statusSuccess)
	b = appendNumber(b, tlvResult, statusFailure)
	b = appendTLV(b, tlvEAPPayload, 1, 2, 0, 5, 1)
	b = append(b, 0, 11, 0, 1, 9) // a PAC, not mandatory
	b = append(b, appendError(errorUnexpected)...)
	b = append(b, appendNAK(tlvBasicRequest)...)
	m, err := parseMessage(b)
	if err != nil || m.identityType != identityMachine || m.intermediate != statusSuccess || m.result != statusFailure ||
		!bytes.Equal(m.payload, []byte{1, 2, 0, 5, 1}) || m.errorCode != errorUnexpected || !m.nak || m.unknownFound || m.basic {
		t.Errorf("%+v, %v", m, err)
	}
	whole := map[int]bool{0: true, 6: true, 12: true, 18: true, 27: true, 32: true, 40: true}
	for n := range b {
		if _, err := parseMessage(b[:n]); (err == nil) != whole[n] {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
}

func TestRefusedMessages(t *testing.T) {
	twice := func(b []byte) []byte { return append(b, b...) }
	for name, b := range map[string][]byte{
		"result twice":   twice(appendNumber(nil, tlvResult, statusSuccess)),
		"payload twice":  twice(appendTLV(nil, tlvEAPPayload, 1)),
		"binding twice":  twice(appendTLV(nil, tlvCryptoBinding, make([]byte, 76)...)),
		"identity twice": twice(appendNumber(nil, tlvIdentityType, 1)),
		"status":         appendNumber(nil, tlvResult, 3),
		"result length":  appendTLV(nil, tlvResult, 1),
		"intermediate":   appendTLV(nil, tlvIntermediate, 1),
		"binding length": appendTLV(nil, tlvCryptoBinding, make([]byte, 75)...),
		"error length":   appendTLV(nil, tlvError, 1),
		"identity":       appendTLV(nil, tlvIdentityType),
	} {
		if _, err := parseMessage(b); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if m, err := parseMessage(appendTLV(nil, 11, 1)); err != nil || !m.unknownFound || m.unknown != 11 {
		t.Errorf("mandatory PAC: %+v, %v", m, err)
	}
}

func FuzzMessage(f *testing.F) {
	f.Add(appendTLV(appendNumber(nil, tlvIntermediate, statusSuccess), tlvCryptoBinding, make([]byte, 76)...))
	f.Add(appendTLV(nil, tlvEAPPayload, 1, 2, 0, 5, 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseMessage(b)
		if err == nil && (m.binding != nil && len(m.binding) != bindingLen || m.result > statusFailure || m.intermediate > statusFailure) {
			t.Fatalf("%x: %+v", b, m)
		}
	})
}
