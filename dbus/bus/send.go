package bus

import "strings"

// Reply queues the answer to a call, with one argument for each value. An
// error means that the values cannot be sent (nothing was queued, and the call
// can still be answered), that the call was answered before, or that the
// connection has ended. A caller that wants no answer gets none.
func (c *Conn) Reply(call *Call, values ...any) error {
	sig, err := SignatureOf(values...)
	if err != nil {
		return err
	}
	return c.reply(call, &outgoing{typ: typeReturn}, &payload{sig: sig, values: values})
}

// ReplyRaw is Reply with a body encoded before by [EncodeBody] or an
// [Encoder]. The bytes are copied.
func (c *Conn) ReplyRaw(call *Call, sig Signature, body []byte) error {
	return c.reply(call, &outgoing{typ: typeReturn}, &payload{sig: sig, raw: body, isRaw: true})
}

// Error queues an error reply with the given name and one string argument for
// each message.
func (c *Conn) Error(call *Call, name string, messages ...string) error {
	p := payload{values: make([]any, len(messages))}
	sig := make([]byte, len(messages))
	for i, m := range messages {
		p.values[i] = printable(m)
		sig[i] = 's'
	}
	p.sig = Signature(sig)
	return c.reply(call, &outgoing{typ: typeError, errorName: name}, &p)
}

func printable(s string) string {
	if validString(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\x00", "?")
}

func (c *Conn) reply(call *Call, o *outgoing, p *payload) error {
	if call.answered {
		return ErrAnswered
	}
	if call.NoReply {
		call.answered = true
		return nil
	}
	o.flags = flagNoReply
	o.replySerial = call.Serial
	o.destination = call.Sender
	if _, err := c.send(o, p); err != nil {
		return err
	}
	call.answered = true
	return nil
}

// Emit queues a signal to all who listen.
func (c *Conn) Emit(path ObjectPath, iface, member string, values ...any) error {
	return c.EmitTo("", path, iface, member, values...)
}

// EmitTo queues a signal to one peer.
func (c *Conn) EmitTo(dest string, path ObjectPath, iface, member string, values ...any) error {
	sig, err := SignatureOf(values...)
	if err != nil {
		return err
	}
	return c.emit(dest, path, iface, member, &payload{sig: sig, values: values})
}

// EmitRaw is Emit with a body encoded before. The bytes are copied.
func (c *Conn) EmitRaw(path ObjectPath, iface, member string, sig Signature, body []byte) error {
	return c.emit("", path, iface, member, &payload{sig: sig, raw: body, isRaw: true})
}

func (c *Conn) emit(dest string, path ObjectPath, iface, member string, p *payload) error {
	o := outgoing{typ: typeSignal, flags: flagNoReply, path: path, iface: iface, member: member, destination: dest}
	_, err := c.send(&o, p)
	return err
}

// Target names a method of a peer.
type Target struct {
	Dest      string
	Path      ObjectPath
	Interface string
	Member    string
}

// Call queues a method call. The outcome arrives as an [*Answer] in a batch,
// whose Deliver runs done; when the connection ends first, the answer says so.
// With done nil no answer is asked for. A peer may take for ever to answer:
// [Conn.Cancel] forgets the call.
func (c *Conn) Call(t Target, done func(*Answer), values ...any) (serial uint32, err error) {
	if done == nil {
		return c.call(t, nil, values...)
	}
	return c.call(t, func(a *Answer) Event {
		a.done = done
		return a
	}, values...)
}

// call sends a method call whose answer f turns into an event in the reader's
// goroutine.
func (c *Conn) call(t Target, f func(*Answer) Event, values ...any) (uint32, error) {
	sig, err := SignatureOf(values...)
	if err != nil {
		return 0, err
	}
	o := outgoing{typ: typeCall, path: t.Path, iface: t.Interface, member: t.Member, destination: t.Dest}
	if f == nil {
		o.flags = flagNoReply
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if f != nil && len(c.pending) >= maxPending {
		return 0, ErrTooManyOpen
	}
	serial, err := c.sendLocked(&o, &payload{sig: sig, values: values})
	if err == nil && f != nil {
		if c.pending == nil {
			c.pending = make(map[uint32]func(*Answer) Event)
		}
		c.pending[serial] = f
	}
	return serial, err
}

// Cancel forgets a call made with [Conn.Call]: its answer will not be
// delivered, unless it is in a batch already.
func (c *Conn) Cancel(serial uint32) { c.takePending(serial) }

func ofBus(member string) Target {
	return Target{Dest: busName, Path: busPath, Interface: busIface, Member: member}
}

// AddMatch asks the bus for signals, in the syntax of match rules. From then
// on every signal that arrives is an event. It does not wait; a rule that the
// bus refuses is logged. Equal rules are counted.
func (c *Conn) AddMatch(rule string) error {
	c.mu.Lock()
	if c.matches == nil {
		c.matches = make(map[string]int)
	}
	c.matches[rule]++
	first := c.matches[rule] == 1
	c.mu.Unlock()
	if !first {
		return nil
	}
	return c.addMatch(rule)
}

func (c *Conn) addMatch(rule string) error {
	_, err := c.call(ofBus("AddMatch"), func(a *Answer) Event {
		if _, remote := a.Err.(*RemoteError); remote {
			c.log.Warn("bus: match rule refused", "rule", rule, "err", a.Err)
		}
		return nil
	}, rule)
	return err
}

// RemoveMatch takes back one AddMatch of the same rule.
func (c *Conn) RemoveMatch(rule string) error {
	c.mu.Lock()
	n := c.matches[rule]
	if n > 1 {
		c.matches[rule]--
	} else {
		delete(c.matches, rule)
	}
	c.mu.Unlock()
	if n != 1 {
		return nil
	}
	_, err := c.call(ofBus("RemoveMatch"), nil, rule)
	return err
}

// Watch asks, with the next Flush, for one [*Gone] when the peer leaves the bus, also when it has
// left already. Watches of one name are counted; the event ends them all.
func (c *Conn) Watch(name string) error {
	c.mu.Lock()
	if c.watched == nil {
		c.watched = make(map[string]int)
	}
	c.watched[name]++
	first := c.watched[name] == 1
	c.mu.Unlock()
	if !first {
		return nil
	}
	if err := c.addMatch(watchRule(name)); err != nil {
		return err
	}
	// The peer may have left before the rule stood.
	_, err := c.call(ofBus("NameHasOwner"), func(a *Answer) Event {
		args, err := a.Args()
		if err == nil && len(args) == 1 && args[0] == false && c.endWatch(name, true) {
			return &Gone{Name: name}
		}
		return nil
	}, name)
	return err
}

// Unwatch takes back one Watch.
func (c *Conn) Unwatch(name string) { c.endWatch(name, false) }

// endWatch ends one watch of a name, or all, and reports whether there was one.
func (c *Conn) endWatch(name string, all bool) bool {
	c.mu.Lock()
	n := c.watched[name]
	last := n == 1 || n > 0 && all
	if last {
		delete(c.watched, name)
	} else if n > 0 {
		c.watched[name]--
	}
	c.mu.Unlock()
	if last {
		// An error means that the connection, and with it the rule, is gone.
		if _, err := c.call(ofBus("RemoveMatch"), nil, watchRule(name)); err == nil && all {
			c.Flush()
		}
	}
	return n > 0
}

func watchRule(name string) string {
	return "type='signal',sender='" + busName + "',interface='" + busIface +
		"',member='NameOwnerChanged',arg0='" + name + "'"
}

// Credentials is what the bus knows of a peer.
type Credentials struct {
	UID    uint32
	PID    uint32 // 0 when the bus does not tell
	HasUID bool
}

// Credentials asks the bus who a peer is; done runs in [Answer.Deliver] of a
// later batch.
func (c *Conn) Credentials(name string, done func(Credentials, error)) error {
	_, err := c.Call(ofBus("GetConnectionCredentials"), func(a *Answer) {
		var cred Credentials
		args, err := a.Args()
		if err == nil && len(args) == 1 {
			d, _ := args[0].(Dict)
			if v, ok := d.Get("UnixUserID"); ok {
				cred.UID, cred.HasUID = v.Value.(uint32)
			}
			if v, ok := d.Get("ProcessID"); ok {
				cred.PID, _ = v.Value.(uint32)
			}
		}
		done(cred, err)
	}, name)
	return err
}
