package eaptls

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"

	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
	"gosupplicant/engine/stack"
)

// Options tell what a method wants of its session.
type Options struct {
	Type    eap.Type
	Version uint8 // PEAP, TTLS and TEAP: in the low bits of the flags
	// ClientCert makes a client certificate obligatory (EAP-TLS).
	ClientCert bool
	// TLS13 offers TLS 1.3 where the settings do not say otherwise.
	TLS13 bool
	// NoVersion10 refuses TLS before 1.2 whatever the settings say (TEAP).
	NoVersion10 bool
}

// signal is why the coroutine rests.
type signal uint8

const (
	signalInput       signal = iota + 1 // it wants bytes
	signalEstablished                   // the handshake is done
	signalCheck                         // somebody else has to look at the certificate
	signalEnd                           // TLS is over; Session.err tells why
)

// Session is one TLS session in one EAP conversation.
type Session struct {
	env  *eap.Env
	opt  Options
	cred *credentials
	cfg  *tls.Config
	conn *tls.Conn

	resume func() (signal, bool)
	stop   func()
	tunnel tunnel

	plain []byte // decrypted, not taken yet
	err   error

	rx      reassembly
	tx      fragmenter
	outputs []eap.Output

	started, established, ended bool
	checking                    bool // signalCheck is unanswered
	checkGood                   bool
	failure                     *failure // why the certificate was refused
	verified                    *verified
	alertSent                   int // description of the alert that left, or -1
	clientRandom, serverRandom  []byte
	offered                     []byte // the session identifier in our hello, nil without a session
	serverHello                 hello
	master                      keys.Secret // TLS 1.2 and older
	state                       tls.ConnectionState
	tickets                     *ticketStore
	lastOut                     []byte    // the end of what crypto/tls wrote last
	rec10                       *record10 // see there
}

// New prepares a session; it reads certificates and keys. Errors wrap
// eap.ErrConfig, or are an *eap.NeedError for a key's passphrase.
func New(env *eap.Env, opt Options) (*Session, error) {
	s := &Session{env: env, opt: opt, alertSent: -1}
	o := env.Options()
	s.tx = fragmenter{limit: env.FragmentLimit(), length: o.Int("include_tls_length", 0) == 1, ver: opt.Version}
	cred, err := loadCredentials(env, opt)
	if err != nil {
		return nil, err
	}
	s.cred = cred
	s.tickets = newTicketStore(env, opt.Type)
	if s.cfg, err = s.tlsConfig(o); err != nil {
		return nil, err
	}
	if !cred.verifies() {
		s.outputs = append(s.outputs, eap.Unverified{Type: opt.Type})
	}
	return s, nil
}

// String hides what is inside.
func (s *Session) String() string { return "TLS session" }

// GoString hides what is inside.
func (s *Session) GoString() string { return s.String() }

// SetVersion sets the version in the low bits of the flags of what is sent.
func (s *Session) SetVersion(v uint8) { s.opt.Version, s.tx.ver = v, v }

// Step is what a request led to.
type Step struct {
	// Reply is the type data to answer with. It is nil when the handshake is done
	// and the caller has to decide: it takes Plain, writes, and calls Session.Reply.
	Reply  []byte
	Need   *eap.Need   // ask, then give the same request again
	Ignore error       // drop the request
	Plain  []byte      // decrypted data, once the handshake is done
	Failed *eap.Reason // TLS failed; Reply still has to be sent
	// JustEstablished tells that this request finished the handshake.
	JustEstablished bool
	Outputs         []eap.Output
}

// Process takes the type data of one request.
func (s *Session) Process(data []byte) Step {
	st := s.process(data)
	st.Outputs, s.outputs = s.outputs, nil
	return st
}

func (s *Session) process(data []byte) Step {
	if s.ended {
		return Step{Ignore: errors.New("eaptls: session is over")}
	}
	if s.checking {
		return s.answerCheck()
	}
	h, err := ParseHeader(data)
	if err != nil {
		return Step{Ignore: err}
	}
	if h.Flags&FlagStart != 0 {
		if s.started {
			return Step{Ignore: fmt.Errorf("%w: start in the middle of a session", ErrFrame)}
		}
		return s.advance(nil)
	}
	if !s.started {
		return Step{Ignore: fmt.Errorf("%w: no start", ErrFrame)}
	}
	if s.tx.pending() {
		if len(h.Body) > 0 || h.Flags&(FlagMore|FlagLength) != 0 {
			return Step{Ignore: fmt.Errorf("%w: data where the acknowledgement of a fragment was due", ErrFrame)}
		}
		return Step{Reply: s.tx.next()}
	}
	msg, done, err := s.rx.add(h)
	if err != nil {
		return Step{Ignore: err}
	}
	if !done {
		return Step{Reply: []byte{s.opt.Version & maskVer}}
	}
	return s.advance(msg)
}

// advance gives a message to TLS and looks at what became of it.
func (s *Session) advance(msg []byte) Step {
	if !s.started {
		s.start()
	} else if len(msg) == 0 && !s.established {
		return Step{Ignore: fmt.Errorf("%w: empty message in the handshake", ErrFrame)}
	}
	if s.serverRandom == nil {
		s.serverRandom = helloRandom(msg, handshakeServerHello)
		s.serverHello, _ = parseHello(msg, handshakeServerHello) // crypto/tls judges it
	}
	s.tunnel.in = append(s.tunnel.in, msg...)
	if s.established && len(msg) == 0 {
		return Step{}
	}
	return s.run(s.established)
}

// run resumes the coroutine until it wants bytes that are not there.
func (s *Session) run(was bool) Step {
	for {
		sig, ok := s.resume()
		if !ok {
			sig = signalEnd
		}
		switch sig {
		case signalEstablished:
			s.established = true
			s.state = s.conn.ConnectionState()
			if s.state.DidResume && s.master == nil && s.tickets.offer != nil {
				s.master = s.tickets.offer.master.Clone()
			}
			continue
		case signalCheck:
			s.checking = true
			return Step{Need: &eap.Need{Field: eap.FieldExtCertCheck}}
		case signalEnd:
			return s.end(was)
		}
		if len(s.tunnel.in) > 0 {
			continue
		}
		if !s.established {
			return Step{Reply: s.Reply()}
		}
		plain := s.plain
		s.plain = nil
		return Step{Plain: plain, JustEstablished: !was}
	}
}

// end reports the end of TLS: an error, or the peer's close_notify.
func (s *Session) end(was bool) Step {
	s.ended = true
	if s.established && (s.err == nil || errors.Is(s.err, io.EOF)) {
		plain := s.plain
		s.plain = nil
		return Step{Plain: plain, JustEstablished: !was, Reply: s.Reply()}
	}
	return Step{Failed: s.explain(), Reply: s.Reply()}
}

func (s *Session) answerCheck() Step {
	v, ok := s.env.Answers.Take(eap.FieldExtCertCheck)
	if !ok {
		return Step{Need: &eap.Need{Field: eap.FieldExtCertCheck}}
	}
	s.checking, s.checkGood = false, string(v) == "good"
	return s.run(false)
}

// Reply returns the type data that carries what TLS has to say: the first
// fragment, or an acknowledgement.
func (s *Session) Reply() []byte {
	s.tx.load(s.tunnel.out)
	s.tunnel.out = nil
	return s.tx.next()
}

// Write encrypts data for the peer; Reply sends it. The handshake must be done.
func (s *Session) Write(data []byte) error {
	if !s.established || s.ended {
		return errors.New("eaptls: write without a session")
	}
	if s.rec10 == nil {
		s.rec10 = s.newRecord10()
	}
	if s.rec10 != nil {
		s.tunnel.out = s.rec10.seal(s.tunnel.out, data)
		return nil
	}
	_, err := s.conn.Write(data)
	return err
}

// Sending reports whether fragments of the last reply are still to be sent.
func (s *Session) Sending() bool { return s.tx.pending() }

// Established reports whether the handshake is done.
func (s *Session) Established() bool { return s.established }

// Resumed reports whether an earlier session was resumed.
func (s *Session) Resumed() bool { return s.established && s.state.DidResume }

// TLSVersion returns e.g. tls.VersionTLS12; 0 before the handshake is done.
func (s *Session) TLSVersion() uint16 { return s.state.Version }

// Verified reports whether there was something to check the server with.
func (s *Session) Verified() bool { return s.cred.verifies() }

// ClientCertificate reports whether the server asked for a client certificate
// and got one.
func (s *Session) ClientCertificate() bool { return s.cred.certSent }

// start makes the coroutine.
func (s *Session) start() {
	s.started = true
	s.conn = tls.Client(transport{&s.tunnel, s}, s.cfg)
	s.resume, s.stop = iter.Pull(func(yield func(signal) bool) {
		stack.Grow()
		s.tunnel.yield = yield
		s.err = s.body()
	})
}

// body is what runs in the coroutine.
func (s *Session) body() error {
	if err := s.conn.Handshake(); err != nil {
		return err
	}
	if !s.tunnel.yield(signalEstablished) {
		return net.ErrClosed
	}
	buf := make([]byte, 4096)
	for {
		n, err := s.conn.Read(buf)
		if len(s.plain)+n > maxMessage {
			return errors.New("eaptls: too much decrypted data in one message")
		}
		s.plain = append(s.plain, buf[:n]...)
		if err != nil {
			return err
		}
	}
}

// Close ends the coroutine and overwrites secrets.
func (s *Session) Close() {
	if s.stop != nil {
		s.stop()
	}
	s.ended = true
	s.master.Zero()
	clear(s.plain)
	s.tickets.drop()
}

// transport is the tunnel of a session, which looks at what is sent.
type transport struct {
	*tunnel
	s *Session
}

func (t transport) Write(b []byte) (int, error) {
	s := t.s
	if s.clientRandom == nil {
		s.clientRandom = helloRandom(b, handshakeClientHello)
		if s.offered != nil {
			if err := offersIdentifier(b, s.offered); err != nil {
				return 0, err
			}
		}
	}
	if s.ended {
		return 0, net.ErrClosed
	}
	s.lastOut = append(s.lastOut[:0], b[max(0, len(b)-16):]...)
	start := len(t.out)
	n, err := t.tunnel.Write(b)
	s.noteAlert(t.out[start:]) // of ours, which it may change
	return n, err
}

const helloRandomEnd = 5 + 4 + 2 + 32 // record, handshake, version, random

// helloRandom returns the random of the hello message (1 client, 2 server) that
// begins flight, or nil when it does not begin with one.
func helloRandom(flight []byte, msg byte) []byte {
	if len(flight) < helloRandomEnd || flight[0] != 22 || flight[5] != msg {
		return nil
	}
	return append([]byte{}, flight[helloRandomEnd-32:helloRandomEnd]...)
}
