package eaptls

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"reflect"
	"strings"

	"gosupplicant/engine/eap"
)

// Alerts of TLS that this package speaks of (RFC 8446, 6).
const (
	alertHandshakeFailure       = 40
	alertBadCertificate         = 42
	alertUnsupportedCertificate = 43
	alertRevoked                = 44
	alertExpired                = 45
	alertCertificateUnknown     = 46
	alertUnknownCA              = 48
	alertProtocolVersion        = 70
	alertInternalError          = 80
	alertBadStatusResponse      = 113
)

// alertTexts are OpenSSL's words, which reports have always used.
var alertTexts = map[uint8]string{
	0: "close notify", 10: "unexpected_message", 20: "bad record mac", 21: "decryption failed",
	22: "record overflow", 30: "decompression failure", 40: "handshake failure", 41: "no certificate",
	42: "bad certificate", 43: "unsupported certificate", 44: "certificate revoked",
	45: "certificate expired", 46: "certificate unknown", 47: "illegal parameter", 48: "unknown CA",
	49: "access denied", 50: "decode error", 51: "decrypt error", 60: "export restriction",
	70: "protocol version", 71: "insufficient security", 80: "internal error",
	86: "inappropriate fallback", 90: "user canceled", 100: "no renegotiation",
	109: "missing extension", 110: "unsupported extension", 112: "unrecognized name",
	113: "bad certificate status response", 115: "unknown PSK identity", 116: "certificate required",
	120: "no application protocol",
}

// AlertText returns the words for an alert.
func AlertText(d uint8) string {
	if t, ok := alertTexts[d]; ok {
		return t
	}
	return fmt.Sprintf("alert %d", d)
}

// noteAlert remembers an alert in the record that leaves. crypto/tls says "bad
// certificate" whatever was wrong with it: while the record is in the clear the
// true description is put in its place.
func (s *Session) noteAlert(rec []byte) {
	if len(rec) != 7 || rec[0] != 21 || rec[3] != 0 || rec[4] != 2 {
		return
	}
	if s.failure != nil && rec[6] == alertBadCertificate {
		rec[6] = s.failure.alert()
	}
	if rec[6] != 0 {
		s.alertSent = int(rec[6])
	}
}

// remoteAlert returns the alert that err tells of.
func remoteAlert(err error) (uint8, bool) {
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "remote error" || op.Err == nil {
		return 0, false
	}
	v := reflect.ValueOf(op.Err)
	if v.Kind() != reflect.Uint8 {
		return 0, false
	}
	return uint8(v.Uint()), true
}

// explain turns the error of TLS into a reason, and reports the alert.
func (s *Session) explain() *eap.Reason {
	if d, ok := remoteAlert(s.err); ok {
		s.outputs = append(s.outputs, eap.TLSAlert{Description: d, Text: AlertText(d)})
		return &eap.Reason{Check: "tls", Remote: true, Alert: AlertText(d), Detail: remoteText(d)}
	}
	if f := s.failure; f != nil {
		d := f.alert()
		s.outputs = append(s.outputs, f.certError(), eap.TLSAlert{Local: true, Description: d, Text: AlertText(d)})
		return &eap.Reason{Check: f.check, Alert: AlertText(d), Subject: f.subject, Detail: f.text}
	}
	d := uint8(alertInternalError)
	if s.alertSent >= 0 {
		d = uint8(s.alertSent)
	}
	s.outputs = append(s.outputs, eap.TLSAlert{Local: true, Description: d, Text: AlertText(d)})
	return &eap.Reason{Check: "tls", Alert: AlertText(d), Detail: s.localText()}
}

// remoteText is a sentence about an alert of the server.
func remoteText(d uint8) string {
	what := "the server ended TLS: " + AlertText(d)
	switch d {
	case alertHandshakeFailure, 71:
		return what + " (no cipher suite or certificate in common; crypto/tls has no DHE, and 3DES or RC4 only where openssl_ciphers names them)"
	case alertProtocolVersion:
		return what + " (TLS 1.0 and 1.1 are off unless phase1 has tls_disable_tlsv1_0=0 or tls_disable_tlsv1_1=0)"
	case alertUnknownCA, alertBadCertificate, alertCertificateUnknown, alertExpired, alertRevoked, alertUnsupportedCertificate, 116:
		return what + " (it speaks of the client certificate)"
	}
	return what
}

// localText is a sentence about an error on this side.
func (s *Session) localText() string {
	if s.err == nil {
		return "TLS ended without a reason"
	}
	text := s.err.Error()
	switch {
	case strings.Contains(text, "server selected unsupported protocol version"):
		text += " (TLS 1.0 and 1.1 are off unless phase1 has tls_disable_tlsv1_0=0 or tls_disable_tlsv1_1=0)"
	case strings.Contains(text, "unconfigured cipher suite"):
		text += " (the server chose a suite that was not offered)"
	case strings.Contains(text, "renegotiation"), strings.Contains(text, "unexpected hello request"):
		text += " (renegotiation is not built: it was never safe here)"
	}
	return text
}

// Refused tells what an EAP-Failure in the middle of the handshake is about: many
// servers do not get around to their alert. It returns nil once TLS is up.
func (s *Session) Refused() *eap.Reason {
	r := &eap.Reason{Check: "tls", Remote: true}
	switch {
	case s.established || !s.started:
		return nil
	case s.serverRandom == nil:
		r.Detail = "the server gave up at the first message of TLS: most likely it has no TLS version or cipher suite of those offered" +
			" (" + tls.VersionName(s.cfg.MinVersion) + " to " + tls.VersionName(s.cfg.MaxVersion) +
			"; older ones need tls_disable_tlsv1_0=0 or tls_disable_tlsv1_1=0 in phase1; crypto/tls has no DHE)"
	case s.cred.certSent:
		r.Check = "client certificate"
		r.Detail = "the server gave up in the middle of TLS, after the client's certificate: most likely it does not accept it"
	default:
		r.Detail = "the server gave up in the middle of TLS"
	}
	return r
}
