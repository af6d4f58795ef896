package eaptls

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"

	"gosupplicant/engine/keys"
)

// Server is the other side of a Session: what an access point on the simulated
// air, and tests, authenticate against. It knows TLS in EAP and nothing of what
// a method puts inside.
type Server struct {
	conn   *tls.Conn
	resume func() (signal, bool)
	stop   func()
	tunnel tunnel
	plain  []byte
	err    error
	rx     reassembly
	tx     fragmenter
	done   bool
}

// NewServer makes the server's side: version goes into the flags, limit is the
// most bytes of type data in a message.
func NewServer(cfg *tls.Config, version uint8, limit int) *Server {
	s := &Server{tx: fragmenter{limit: limit, ver: version}}
	s.conn = tls.Server(&s.tunnel, cfg)
	s.resume, s.stop = iter.Pull(func(yield func(signal) bool) {
		s.tunnel.yield = yield
		s.err = s.body()
	})
	s.resume() // up to the wish for the first byte
	return s
}

func (s *Server) body() error {
	if err := s.conn.Handshake(); err != nil {
		return err
	}
	if !s.tunnel.yield(signalEstablished) {
		return net.ErrClosed
	}
	buf := make([]byte, 4096)
	for {
		n, err := s.conn.Read(buf)
		s.plain = append(s.plain, buf[:n]...)
		if err != nil {
			return err
		}
	}
}

// Start returns the type data of the first request.
func (s *Server) Start() []byte { return []byte{FlagStart | s.tx.ver&maskVer} }

// Process takes the type data of a response. Either it returns the type data of
// the next request, which carries a fragment, an acknowledgement or a flight of
// the handshake, or nil: then plain is what came out of the tunnel, and it is
// the caller's turn (Write, Request). An error is the end.
func (s *Server) Process(data []byte) (next, plain []byte, err error) {
	h, err := ParseHeader(data)
	if err != nil {
		return nil, nil, err
	}
	if s.tx.pending() {
		if len(h.Body) > 0 {
			return nil, nil, fmt.Errorf("%w: data in an acknowledgement", ErrFrame)
		}
		return s.tx.next(), nil, nil
	}
	msg, done, err := s.rx.add(h)
	if err != nil {
		return nil, nil, err
	}
	if !done {
		return []byte{s.tx.ver & maskVer}, nil, nil
	}
	s.tunnel.in = append(s.tunnel.in, msg...)
	for len(s.tunnel.in) > 0 {
		sig, ok := s.resume()
		if sig == signalEstablished {
			s.done = true
			continue
		}
		if !ok {
			break
		}
	}
	if s.err != nil && !errors.Is(s.err, io.EOF) {
		return nil, nil, s.err
	}
	if !s.done || len(s.tunnel.out) > 0 {
		return s.Request(), nil, nil
	}
	plain, s.plain = s.plain, nil
	return nil, plain, nil
}

// Write encrypts data for the peer; Request sends it.
func (s *Server) Write(data []byte) error {
	_, err := s.conn.Write(data)
	return err
}

// Request returns the type data of the request that carries what TLS has to
// send, an acknowledgement when that is nothing.
func (s *Server) Request() []byte {
	s.tx.load(s.tunnel.out)
	s.tunnel.out = nil
	return s.tx.next()
}

// Pending reports whether there is something to send.
func (s *Server) Pending() bool { return len(s.tunnel.out) > 0 }

// Established reports whether the handshake is done.
func (s *Server) Established() bool { return s.done }

// State returns what crypto/tls knows of the connection.
func (s *Server) State() tls.ConnectionState { return s.conn.ConnectionState() }

// Keys returns the 128 bytes of key material, for that label before TLS 1.3 and
// that method type since.
func (s *Server) Keys(label string, method byte) (keys.Secret, error) {
	cs := s.conn.ConnectionState()
	if cs.Version >= tls.VersionTLS13 {
		return cs.ExportKeyingMaterial(Label13Key, []byte{method}, 128)
	}
	return cs.ExportKeyingMaterial(label, nil, 128)
}

// Close ends the coroutine.
func (s *Server) Close() { s.stop() }
