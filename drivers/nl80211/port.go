package nl80211

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"sync"
	"time"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// portBuffer is the socket buffer asked for a port, bytes.
const portBuffer = 512 << 10

// port is a netlink connection that owns an association and the registrations
// of frames: what the kernel sends to one socket only (EAPOL frames, management
// frames, requests for external authentication) arrives here, between the
// answers to requests. When it is closed, the kernel ends the association.
type port struct {
	nl     *netlink.Conn
	family genetlink.Family
	unask  func(message)    // messages nobody asked for; called from the reader
	lost   func(why string) // messages were dropped; called from the reader
	done   chan struct{}

	mu      sync.Mutex
	waiting map[uint32]waiter // by sequence number
}

// waiter takes the answer to a request, in the reader. Nobody misses it when it is
// unhurried.
type waiter struct {
	done      func(portReply)
	unhurried bool
}

// portReply is the answer to one request.
type portReply struct {
	msgs []message
	err  error
}

// openPort dials and starts the reader.
func openPort(unask func(message), lost func(why string)) (*port, error) {
	nl, err := netlink.Dial(unix.NETLINK_GENERIC, &netlinkConfig)
	if err != nil {
		return nil, fmt.Errorf("nl80211: open frame socket: %w", err)
	}
	_ = nl.SetOption(netlink.ExtendedAcknowledge, true)
	_ = nl.SetReadBuffer(portBuffer)
	c, err := newConn(nl)
	if err != nil {
		_ = nl.Close()
		return nil, err
	}
	return startPort(nl, c.family, unask, lost), nil
}

// startPort starts the reader on an open connection.
func startPort(nl *netlink.Conn, family genetlink.Family, unask func(message), lost func(string)) *port {
	p := &port{nl: nl, family: family, unask: unask, lost: lost, done: make(chan struct{}), waiting: map[uint32]waiter{}}
	go p.run()
	return p
}

// close ends the reader and waits for it.
func (p *port) close() error {
	err := p.nl.Close()
	<-p.done
	return err
}

// do is conn.do on this socket.
func (p *port) do(what string, cmd uint8, attrs encodeFunc) ([]message, error) {
	ch := make(chan portReply, 1)
	seq, err := p.send(cmd, attrs, waiter{done: func(r portReply) { ch <- r }})
	if err != nil {
		return nil, opError(what, err)
	}
	timer := time.NewTimer(replyTimeout)
	defer timer.Stop()
	select {
	case r := <-ch:
		if r.err != nil {
			return nil, opError(what, r.err)
		}
		return r.msgs, nil
	case <-p.done:
		return nil, opError(what, os.ErrClosed)
	case <-timer.C:
		p.mu.Lock()
		delete(p.waiting, seq)
		p.mu.Unlock()
		return nil, opError(what, os.ErrDeadlineExceeded)
	}
}

// post sends a request without waiting for its answer: the kernel has carried it out
// when post returns. A refusal goes to refused, called from the reader.
func (p *port) post(what string, cmd uint8, attrs encodeFunc, refused func(error)) error {
	w := waiter{unhurried: true, done: func(r portReply) {
		if r.err != nil {
			refused(opError(what, r.err))
		}
	}}
	if _, err := p.send(cmd, attrs, w); err != nil {
		return opError(what, err)
	}
	return nil
}

// send sends a request whose answer goes to w.
func (p *port) send(cmd uint8, attrs encodeFunc, w waiter) (seq uint32, err error) {
	data, err := encode(cmd, attrs)
	if err != nil {
		return 0, err
	}
	p.mu.Lock() // held so that the reader meets the answer only when it is awaited
	defer p.mu.Unlock()
	req, err := p.nl.Send(netlink.Message{
		Header: netlink.Header{Type: netlink.HeaderType(p.family.ID), Flags: netlink.Request | netlink.Acknowledge},
		Data:   data,
	})
	if err == nil {
		p.waiting[req.Header.Sequence] = w
	}
	return req.Header.Sequence, err
}

// run reads until the socket is closed.
func (p *port) run() {
	defer close(p.done)
	partial := map[uint32][]message{} // answers before their acknowledgement
	failures := 0
	for {
		msgs, err := p.nl.Receive()
		var oe *netlink.OpError
		switch {
		case errors.Is(err, unix.EBADF) && !isReply(err) || errors.Is(err, os.ErrClosed):
			return
		case errors.As(err, &oe) && oe.Sequence != 0:
			delete(partial, oe.Sequence)
			p.finish(oe.Sequence, portReply{err: err})
			continue
		case errors.Is(err, unix.ENOBUFS):
			p.forgetUnhurried()
			p.lost("the kernel dropped frames (socket overrun)")
			continue
		case err != nil:
			if failures++; failures == maxEventErrors {
				return
			}
			p.lost(err.Error())
			continue
		}
		failures = 0
		for _, m := range msgs {
			p.receive(m, partial)
		}
	}
}

// forgetUnhurried gives up answers that may have been dropped and have no time limit.
func (p *port) forgetUnhurried() {
	p.mu.Lock()
	defer p.mu.Unlock()
	maps.DeleteFunc(p.waiting, func(_ uint32, w waiter) bool { return w.unhurried })
}

// isReply tells whether an error is a refusal by the kernel instead of a failure
// of the socket.
func isReply(err error) bool {
	var oe *netlink.OpError
	return errors.As(err, &oe) && oe.Sequence != 0
}

// receive sorts one message.
func (p *port) receive(m netlink.Message, partial map[uint32][]message) {
	seq := m.Header.Sequence
	if m.Header.Type == netlink.Error { // errno 0: the acknowledgement
		msgs := partial[seq]
		delete(partial, seq)
		p.finish(seq, portReply{msgs: msgs})
		return
	}
	msg, err := decode(m.Data)
	if err != nil {
		return
	}
	if seq == 0 {
		p.unask(msg)
		return
	}
	if len(partial) < maxStale {
		partial[seq] = append(partial[seq], msg)
	}
}

func (p *port) finish(seq uint32, r portReply) {
	p.mu.Lock()
	w, ok := p.waiting[seq]
	delete(p.waiting, seq)
	p.mu.Unlock()
	if ok {
		w.done(r)
	}
}
