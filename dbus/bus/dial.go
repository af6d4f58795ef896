package bus

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// SystemAddress returns the address of the system bus: DBUS_SYSTEM_BUS_ADDRESS
// or the socket every system has.
func SystemAddress() string {
	if a := os.Getenv("DBUS_SYSTEM_BUS_ADDRESS"); a != "" {
		return a
	}
	return "unix:path=/run/dbus/system_bus_socket"
}

// handshakeLimit bounds the start of a connection, in which the bus and no one
// else has to answer.
const handshakeLimit = 20 * time.Second

// Dial connects to the first bus of an address list that can be reached ("" is
// [SystemAddress]), says Hello and becomes the owner of opt.Name. The error
// wraps [ErrNameTaken] when someone else owns it. Calls that arrive from then
// on wait for [Conn.Run].
func Dial(ctx context.Context, address string, opt Options) (*Conn, error) {
	if address == "" {
		address = SystemAddress()
	}
	if opt.MaxQueue <= 0 {
		opt.MaxQueue = defaultMaxQueue
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Name != "" && !validBusName(opt.Name) {
		return nil, fmt.Errorf("bus: %.80q is not a bus name", opt.Name)
	}
	ctx, cancel := context.WithTimeout(ctx, handshakeLimit)
	defer cancel()
	sock, err := dialAny(ctx, address)
	if err != nil {
		return nil, err
	}
	c := &Conn{sock: sock, opt: opt, log: opt.Log}
	if c.raw, err = sock.SyscallConn(); err != nil {
		sock.Close()
		return nil, fmt.Errorf("bus: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { sock.SetDeadline(time.Unix(1, 0)) })
	err = c.handshake()
	if !stop() && err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		c.shut(ErrClosed)
		if ctx.Err() != nil {
			err = fmt.Errorf("%w (%w)", err, context.Cause(ctx))
		}
		return nil, fmt.Errorf("bus: connecting to %s: %w", sock.RemoteAddr(), err)
	}
	return c, nil
}

// dialAny tries the addresses of a list in turn.
func dialAny(ctx context.Context, list string) (*net.UnixConn, error) {
	var errs []error
	for address := range strings.SplitSeq(list, ";") {
		if address == "" {
			continue
		}
		path, err := socketPath(address)
		if err == nil {
			var d net.Dialer
			var conn net.Conn
			if conn, err = d.DialContext(ctx, "unix", path); err == nil {
				return conn.(*net.UnixConn), nil
			}
		}
		errs = append(errs, err)
	}
	if len(errs) == 0 {
		return nil, fmt.Errorf("bus: no address in %.80q", list)
	}
	return nil, fmt.Errorf("bus: cannot connect: %w", errors.Join(errs...))
}

// socketPath returns the socket named by one address, in the spelling of
// package net ("@" begins an abstract name).
func socketPath(address string) (string, error) {
	transport, rest, ok := strings.Cut(address, ":")
	if !ok {
		return "", fmt.Errorf("bus: %.80q is not an address", address)
	}
	if transport != "unix" {
		return "", fmt.Errorf("bus: transport %.20q of %.80q is not supported", transport, address)
	}
	for pair := range strings.SplitSeq(rest, ",") {
		key, value, _ := strings.Cut(pair, "=")
		value, err := unescape(value)
		if err != nil {
			return "", fmt.Errorf("bus: address %.80q: %w", address, err)
		}
		switch key {
		case "path":
			return value, nil
		case "abstract":
			return "@" + value, nil
		case "runtime":
			if dir := os.Getenv("XDG_RUNTIME_DIR"); value == "yes" && dir != "" {
				return dir + "/bus", nil
			}
		}
	}
	return "", fmt.Errorf("bus: address %.80q names no socket to connect to", address)
}

// unescape undoes the %xx of address values.
func unescape(s string) (string, error) {
	if strings.IndexByte(s, '%') < 0 {
		return s, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", errors.New("escape is cut short")
		}
		v, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
		if err != nil {
			return "", fmt.Errorf("escape %q is not hexadecimal", s[i:i+3])
		}
		b.WriteByte(byte(v))
		i += 2
	}
	return b.String(), nil
}

// handshake authenticates, says Hello and asks for the name.
func (c *Conn) handshake() error {
	if err := c.authenticate(); err != nil {
		return err
	}
	var helloErr, nameErr error
	hello, named := false, c.opt.Name == ""
	_, err := c.call(ofBus("Hello"), func(a *Answer) Event {
		hello = true
		c.name, helloErr = helloReply(a)
		return nil
	})
	if err != nil {
		return err
	}
	if !named {
		_, err = c.call(ofBus("RequestName"), func(a *Answer) Event {
			named = true
			nameErr = requestReply(c.opt.Name, a)
			return nil
		}, c.opt.Name, uint32(0))
		if err != nil {
			return err
		}
	}
	c.Flush()
	for !hello || !named {
		events, err := c.read()
		c.held = append(c.held, events...)
		if err != nil {
			return readCause(err)
		}
	}
	return errors.Join(helloErr, nameErr)
}

func helloReply(a *Answer) (string, error) {
	args, err := a.Args()
	if err != nil {
		return "", fmt.Errorf("bus: Hello: %w", err)
	}
	if len(args) == 1 {
		if name, ok := args[0].(string); ok && validBusName(name) {
			return name, nil
		}
	}
	return "", fmt.Errorf("bus: Hello: %w: the reply names no connection", ErrMalformed)
}

// requestReply reads the outcome of RequestName: 1 primary owner, 2 in the
// queue, 3 exists, 4 already owner.
func requestReply(name string, a *Answer) error {
	args, err := a.Args()
	if err != nil {
		return fmt.Errorf("bus: RequestName %s: %w", name, err)
	}
	var code uint32
	if len(args) == 1 {
		code, _ = args[0].(uint32)
	}
	switch code {
	case 1, 4:
		return nil
	case 2, 3:
		return fmt.Errorf("%w: %s", ErrNameTaken, name)
	}
	return fmt.Errorf("bus: RequestName %s: %w: reply code %d", name, ErrMalformed, code)
}

// authenticate speaks the EXTERNAL mechanism: the kernel vouches for our uid.
func (c *Conn) authenticate() error {
	uid := strconv.Itoa(os.Geteuid())
	line := "\x00AUTH EXTERNAL " + hex.EncodeToString([]byte(uid)) + "\r\n"
	if _, err := c.sock.Write([]byte(line)); err != nil {
		return fmt.Errorf("bus: authentication: %w", err)
	}
	answer, err := c.readLine()
	if err != nil {
		return fmt.Errorf("bus: authentication: %w", err)
	}
	if !strings.HasPrefix(answer, "OK ") && answer != "OK" {
		return fmt.Errorf("bus: authentication as uid %s refused: %.80q", uid, answer)
	}
	if _, err := c.sock.Write([]byte("BEGIN\r\n")); err != nil {
		return fmt.Errorf("bus: authentication: %w", err)
	}
	return nil
}

// readLine reads one line of the authentication dialogue. The bus sends
// nothing behind it until it was answered.
func (c *Conn) readLine() (string, error) {
	var buf [512]byte
	n := 0
	for n < len(buf) {
		k, err := c.sock.Read(buf[n:])
		if err != nil {
			return "", readCause(err)
		}
		n += k
		if line, rest, ok := strings.Cut(string(buf[:n]), "\r\n"); ok {
			if rest != "" {
				return "", fmt.Errorf("%w: %d bytes follow the answer", ErrMalformed, len(rest))
			}
			return line, nil
		}
	}
	return "", fmt.Errorf("%w: answer of more than %d bytes", ErrMalformed, len(buf))
}
