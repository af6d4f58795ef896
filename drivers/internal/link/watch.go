package link

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// readBuffer is the socket buffer asked for the watch, bytes. The kernel grants
// what it may; an overrun is repaired anyway.
const readBuffer = 1 << 20

// messageBuffer is the room for one read, bytes: the kernel's dumps come in
// parts that are not longer.
const messageBuffer = 32 << 10

// Watcher reports the links of a namespace and each change of them.
type Watcher struct {
	nl    *netlink.Conn
	list  func() ([]Link, error)
	ask   *Conn
	fn    func(Event)
	known map[int]Link
	done  chan struct{}
}

// Watch starts a watcher. fn is called for every link there is before Watch
// returns, and afterwards from one goroutine, never twice at once, and never
// after Close has returned. fn must not call Close. The wireless bytes of an
// event belong to fn.
func Watch(fn func(Event)) (*Watcher, error) {
	ask, err := Dial()
	if err != nil {
		return nil, err
	}
	nl, err := netlink.Dial(unix.NETLINK_ROUTE, &netlink.Config{Groups: unix.RTMGRP_LINK, MessageBufferSize: messageBuffer})
	if err != nil {
		_ = ask.Close()
		return nil, fmt.Errorf("link: open rtnetlink event socket: %w", err)
	}
	_ = nl.SetReadBuffer(readBuffer)
	w, err := watch(nl, ask.List, fn)
	if err != nil {
		_ = ask.Close()
		return nil, err
	}
	w.ask = ask
	return w, nil
}

// watch is Watch on given connections: list asks for all links, nl delivers the
// changes. It closes nl when it fails.
func watch(nl *netlink.Conn, list func() ([]Link, error), fn func(Event)) (*Watcher, error) {
	w := &Watcher{nl: nl, list: list, fn: fn, known: map[int]Link{}, done: make(chan struct{})}
	if err := w.reload(); err != nil {
		_ = nl.Close()
		return nil, err
	}
	go w.run()
	return w, nil
}

// Close stops the watch and waits for its goroutine.
func (w *Watcher) Close() error {
	err := w.nl.Close()
	<-w.done
	if w.ask != nil {
		_ = w.ask.Close()
	}
	return err
}

func (w *Watcher) run() {
	defer close(w.done)
	for {
		msgs, err := w.nl.Receive()
		switch {
		case errors.Is(err, unix.ENOBUFS):
			w.fn(Event{Kind: EventResync})
			if err := w.reload(); err != nil {
				w.fn(Event{Kind: EventFailed, Err: err})
				return
			}
		case errors.Is(err, unix.EBADF) || errors.Is(err, os.ErrClosed):
			return
		case err != nil:
			w.fn(Event{Kind: EventFailed, Err: fmt.Errorf("link: watch: %w", err)})
			return
		}
		for _, m := range msgs {
			// A malformed message from the kernel concerns nobody: the next one
			// about that link is complete again.
			if ev, err := parseMessage(m); err == nil {
				w.deliver(ev)
			}
		}
	}
}

// deliver remembers what exists, so that a reload can tell what has gone.
func (w *Watcher) deliver(ev Event) {
	switch ev.Kind {
	case EventChanged:
		w.known[ev.Link.Index] = ev.Link
	case EventRemoved:
		delete(w.known, ev.Link.Index)
	case EventWireless, EventResync, EventFailed:
	}
	w.fn(ev)
}

// reload lists all links and reports those that have gone, then those that are.
func (w *Watcher) reload() error {
	links, err := w.list()
	if err != nil {
		return err
	}
	for index, old := range w.known {
		if !slices.ContainsFunc(links, func(l Link) bool { return l.Index == index }) {
			w.deliver(Event{Kind: EventRemoved, Link: old})
		}
	}
	for _, l := range links {
		w.deliver(Event{Kind: EventChanged, Link: l})
	}
	return nil
}
