package eaptls

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"time"

	"gosupplicant/engine/keys"

	"golang.org/x/crypto/cryptobyte"
)

// Resumption by session identifier (RFC 5246, 7.3; RFC 7627, 5.3). EAP servers
// with TLS 1.2 mostly keep sessions themselves and give out no tickets, whereas
// crypto/tls resumes with tickets alone. But what it does with a ticket's session
// is the same on the wire: it offers 32 octets in the place of the identifier, and
// when the server's hello repeats them, the session goes on. So
//
//   - a session that ended well without a ticket is put together from the server's
//     hello, its certificates and the master secret ([Session.byIdentifier]);
//   - the next client hello gets the server's identifier where crypto/tls asks for
//     random octets to put there (identifierRand), and an empty ticket;
//   - that it is there is checked before anything leaves (offersIdentifier): with
//     another order of questions, the identifier, which is no secret, would have
//     become something that must be one.
//
// Sessions without extended master secret are not offered (RFC 7627, 5.3).

// identifierLen is the length of an identifier that can be offered: crypto/tls asks
// for that much, and servers give that much.
const identifierLen = 32

// identifierRand is a source of randomness whose second answer is an identifier:
// crypto/tls asks for the random of its hello first.
type identifierRand struct {
	from  io.Reader
	id    []byte
	asked int
}

// Read implements io.Reader.
func (r *identifierRand) Read(p []byte) (int, error) {
	if r.asked++; r.asked == 2 && len(p) == len(r.id) {
		return copy(p, r.id), nil
	}
	return io.ReadFull(r.from, p)
}

var errNotOffered = errors.New("eaptls: crypto/tls did not offer the session identifier")

// offersIdentifier checks the first flight: its hello has the identifier in its place
// and nowhere else.
func offersIdentifier(flight, id []byte) error {
	h, ok := parseHello(flight, handshakeClientHello)
	if !ok || !bytes.Equal(h.id, id) || bytes.Count(flight, id) != 1 {
		return errNotOffered
	}
	return nil
}

const (
	recordHandshake       = 22
	handshakeClientHello  = 1
	handshakeServerHello  = 2
	extensionMasterSecret = 23 // RFC 7627, 5.1
)

// hello is what interests of a hello message (RFC 5246, 7.4.1).
type hello struct {
	id []byte
	// extendedMasterSecret is the server's answer.
	extendedMasterSecret bool
}

// parseHello reads the hello of that type that begins a flight; it has to be whole
// in the first record.
func parseHello(flight []byte, typ uint8) (h hello, ok bool) {
	in := cryptobyte.String(flight)
	var record, message, id, extensions cryptobyte.String
	var content, got, suite uint8
	var version uint16
	if !in.ReadUint8(&content) || content != recordHandshake || !in.ReadUint16(&version) || !in.ReadUint16LengthPrefixed(&record) ||
		!record.ReadUint8(&got) || got != typ || !record.ReadUint24LengthPrefixed(&message) ||
		!message.ReadUint16(&version) || !message.Skip(32) || !message.ReadUint8LengthPrefixed(&id) {
		return hello{}, false
	}
	h.id = bytes.Clone(id) // the flight is the caller's
	if typ == handshakeClientHello {
		return h, true
	}
	if !message.Skip(2) || !message.ReadUint8(&suite) { // suite and compression
		return hello{}, false
	}
	if message.Empty() {
		return h, true
	}
	if !message.ReadUint16LengthPrefixed(&extensions) || !message.Empty() {
		return hello{}, false
	}
	for !extensions.Empty() {
		var number uint16
		var body cryptobyte.String
		if !extensions.ReadUint16(&number) || !extensions.ReadUint16LengthPrefixed(&body) {
			return hello{}, false
		}
		if number == extensionMasterSecret {
			h.extendedMasterSecret = true
		}
	}
	return h, true
}

// byIdentifier makes what the next session can offer out of this one, nil when the
// server would not know it.
func (s *Session) byIdentifier() (*ticket, error) {
	h, cs := s.serverHello, s.state
	if !s.established || cs.DidResume || cs.Version > tls.VersionTLS12 || len(h.id) != identifierLen || !h.extendedMasterSecret ||
		len(s.master) == 0 || len(cs.PeerCertificates) == 0 {
		return nil, nil
	}
	encoded, err := encodeSession(cs, s.master, s.now())
	if err != nil {
		return nil, err
	}
	state, err := decodeSession(encoded)
	if err != nil {
		return nil, err
	}
	resumable, err := tls.NewResumptionState(nil, state)
	if err != nil {
		return nil, err
	}
	return &ticket{state: resumable, master: s.master.Clone(), verified: s.verified, id: h.id, until: cs.PeerCertificates[0].NotAfter}, nil
}

// encodeSession writes a session with extended master secret of TLS 1.2 or older as
// [tls.SessionState] describes it.
func encodeSession(cs tls.ConnectionState, master keys.Secret, now time.Time) ([]byte, error) {
	const client, extended, early = 2, 1, 0
	var b cryptobyte.Builder
	b.AddUint16(cs.Version)
	b.AddUint8(client)
	b.AddUint16(cs.CipherSuite)
	b.AddUint64(uint64(now.Unix()))
	b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(master) })
	b.AddUint24LengthPrefixed(func(*cryptobyte.Builder) {}) // Extra
	b.AddUint8(extended)
	b.AddUint8(early)
	b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) {
		for _, c := range cs.PeerCertificates {
			b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(c.Raw) })
			b.AddUint16LengthPrefixed(func(*cryptobyte.Builder) {}) // extensions
		}
	})
	b.AddUint24LengthPrefixed(func(*cryptobyte.Builder) {}) // chains that crypto/tls verified
	b.AddUint16(uint16(cs.CurveID))
	return b.Bytes()
}

// decodeSession is ParseSessionState, whose format is crypto/tls's own: when it is no
// longer the one above, there is an error and no session with something else in it.
func decodeSession(encoded []byte) (*tls.SessionState, error) {
	state, err := tls.ParseSessionState(encoded)
	if err != nil {
		return nil, err
	}
	again, err := state.Bytes()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, encoded) {
		return nil, errors.New("eaptls: crypto/tls has another form of sessions")
	}
	return state, nil
}
