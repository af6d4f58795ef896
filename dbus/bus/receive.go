package bus

// event turns one message into an event, or handles it and returns nil.
func (c *Conn) event(p prefix, frame string, whole bool) Event {
	m, err := parseMessage(p, frame)
	if err != nil {
		return c.refuse(&m, nameInvalidArgs, err.Error())
	}
	switch {
	case !whole:
		return c.refuse(&m, nameLimitsExceeded, "Message is too long")
	case m.fds != 0:
		return c.refuse(&m, nameNotSupported, "File descriptors are not accepted")
	}
	switch m.typ {
	case typeCall:
		return &Call{
			Sender: m.sender, Path: m.path, Interface: m.iface, Member: m.member,
			Signature: m.sig, Serial: m.serial, NoReply: m.flags&flagNoReply != 0, msg: m,
		}
	case typeReturn, typeError:
		return c.answer(&m)
	case typeSignal:
		return c.signal(&m)
	}
	return nil // the specification asks to ignore unknown types
}

// refuse answers a message that is not handed on; a message that is no call,
// or whose sender is not known, is only logged. The event, if any, fails the
// call of ours that the message answers.
func (c *Conn) refuse(m *message, name, text string) Event {
	c.log.Warn("bus: message refused", "sender", m.sender, "serial", m.serial, "why", text)
	if m.typ == typeReturn || m.typ == typeError {
		if f := c.takePending(m.replySerial); f != nil {
			return f(&Answer{Err: &RemoteError{Name: name, Message: text}})
		}
		return nil
	}
	if m.typ != typeCall || m.flags&flagNoReply != 0 || m.serial == 0 || !validBusName(m.sender) {
		return nil
	}
	_, err := c.send(
		&outgoing{typ: typeError, flags: flagNoReply, errorName: name, destination: m.sender, replySerial: m.serial},
		&payload{sig: "s", values: []any{text}})
	if err != nil {
		c.log.Warn("bus: refusal could not be sent", "err", err)
	}
	c.Flush()
	return nil
}

func (c *Conn) takePending(serial uint32) func(*Answer) Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.pending[serial]
	delete(c.pending, serial)
	return f
}

func (c *Conn) answer(m *message) Event {
	f := c.takePending(m.replySerial)
	if f == nil {
		return nil
	}
	a := &Answer{msg: *m}
	if m.typ == typeError {
		a.Err = remoteError(m)
	}
	return f(a)
}

func (c *Conn) signal(m *message) Event {
	if m.sender == busName && m.iface == busIface {
		if ev, mine := c.busSignal(m); mine {
			return ev
		}
	}
	c.mu.Lock()
	wanted := len(c.matches) > 0
	c.mu.Unlock()
	if !wanted {
		return nil // anyone may send us a signal; no one asked for this one
	}
	return &Signal{Sender: m.sender, Path: m.path, Interface: m.iface, Member: m.member, Signature: m.sig, msg: *m}
}

// busSignal deals with the signals of the bus that concern this package.
func (c *Conn) busSignal(m *message) (ev Event, mine bool) {
	switch m.member {
	case "NameOwnerChanged":
		args, err := m.args()
		if err != nil || m.sig != "sss" {
			c.log.Warn("bus: NameOwnerChanged is malformed", "err", err)
			return nil, true
		}
		name := args[0].(string)
		if args[2].(string) == "" && c.endWatch(name, true) {
			return &Gone{Name: name}, true
		}
		return nil, false
	case "NameLost":
		if args, err := m.args(); err == nil && m.sig == "s" && c.opt.Name != "" && args[0] == c.opt.Name {
			return &NameLost{Name: c.opt.Name}, true
		}
		return nil, true
	case "NameAcquired":
		return nil, true
	}
	return nil, false
}
