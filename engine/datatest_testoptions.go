//go:build testoptions

package engine

import (
	"encoding/binary"
	"fmt"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// The data test sends and receives datagrams that prove keys and ports: Ethernet
// II, type 0x0800, an IPv4 header of 20 bytes (RFC 791) from 192.168.1.1 to
// 192.168.1.2, and a payload whose byte i is i modulo 256. Numbers are big-endian.
const (
	dataHeader   = 14 // bytes of the Ethernet header
	dataIPHeader = 20
	dataTotal    = 1486 // total length of the datagram unless another is given
	dataTTL      = 64
	dataProtocol = 1
	etherTypeIP  = 0x0800
)

// dataTest is the socket of the data test.
type dataTest struct {
	sock drivers.DataSocket
	busy bool // one is being opened or closed
	over bool // the interface is gone
}

func (d *dataTest) close(i *Interface) {
	d.over = true
	if old := d.sock; old != nil {
		d.sock = nil
		i.worker.Do(func() { old.Close() }, nil) // nobody is left to be told
	}
}

// DataTest begins or ends to receive data frames, on ifname or, with "", on the
// interface itself; well-formed ones are DataReceived events. done hears how it
// went; nothing happens when it is so already.
func (i *Interface) DataTest(on bool, ifname string, done func(error)) {
	d := &i.tamper.data
	t, ok := i.drv.(drivers.DataTester)
	switch {
	case !ok:
		done(ErrNotSupported)
	case d.busy:
		done(ErrBusy)
	case on == (d.sock != nil):
		done(nil)
	case !on:
		old := d.sock
		d.sock, d.busy = nil, true
		var err error
		i.worker.Do(func() { err = old.Close() }, func() {
			d.busy = false
			done(err)
		})
	default:
		d.busy = true
		var sock drivers.DataSocket
		var err error
		i.worker.Do(func() { sock, err = t.OpenData(ifname, i.dataArrived) }, func() {
			d.busy = false
			if d.over && err == nil {
				sock.Close()
				err = drivers.ErrClosed
			}
			if err == nil {
				d.sock = sock
			}
			done(err)
		})
	}
}

// dataArrived takes a frame from the socket's goroutine to the loop.
func (i *Interface) dataArrived(frame []byte) {
	dst, src, total, err := parseDataFrame(frame)
	if err != nil {
		return // other traffic
	}
	i.loop.Post(func() {
		if !i.closed && i.tamper.data.sock != nil {
			i.emit(DataReceived{i, dst, src, total})
		}
	})
}

// SendDataTest sends one datagram of total bytes, 0 for the usual 1486, while the
// data test is on.
func (i *Interface) SendDataTest(dst, src dot11.MAC, tos uint8, total int, done func(error)) {
	if total == 0 {
		total = dataTotal
	}
	sock := i.tamper.data.sock
	switch {
	case sock == nil:
		done(fmt.Errorf("engine: the data test is off"))
		return
	case total < dataIPHeader || total > dataTotal:
		done(&InvalidError{What: "length of the datagram"})
		return
	}
	frame := dataFrame(dst, src, tos, total)
	var err error
	i.worker.Do(func() { err = sock.Send(frame) }, func() { done(err) })
}

// SendDataFrame sends a whole Ethernet frame, whether the data test is on or not.
func (i *Interface) SendDataFrame(frame []byte, done func(error)) {
	t, ok := i.drv.(drivers.DataTester)
	if !ok {
		done(ErrNotSupported)
		return
	}
	sock := i.tamper.data.sock
	var err error
	i.worker.Do(func() {
		if sock != nil {
			err = sock.Send(frame)
			return
		}
		once, openErr := t.OpenData("", func([]byte) {})
		if err = openErr; err == nil {
			err = once.Send(frame)
			once.Close() // it has done what it was for
		}
	}, func() { done(err) })
}

// dataFrame makes a frame with a datagram of total bytes.
func dataFrame(dst, src dot11.MAC, tos uint8, total int) []byte {
	b := append(append(make([]byte, 0, dataHeader+total), dst[:]...), src[:]...)
	b = binary.BigEndian.AppendUint16(b, etherTypeIP)
	b = append(b, 4<<4|dataIPHeader/4, tos)
	b = binary.BigEndian.AppendUint16(b, uint16(total))
	b = append(b, 0, 0, 0, 0, dataTTL, dataProtocol, 0, 0, 192, 168, 1, 1, 192, 168, 1, 2)
	head := b[dataHeader:]
	binary.BigEndian.PutUint16(head[10:], ^onesSum(head))
	for k := range total - dataIPHeader {
		b = append(b, byte(k))
	}
	return b
}

// onesSum is the sum of 16-bit words in ones' complement (RFC 1071); b has an even
// length.
func onesSum(b []byte) uint16 {
	var sum uint32
	for k := 0; k < len(b); k += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[k:]))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}

// parseDataFrame reads a frame of the data test; padding of short frames is
// ignored. It returns the addresses and the total length of the datagram.
func parseDataFrame(b []byte) (dst, src dot11.MAC, total int, err error) {
	if len(b) < dataHeader+dataIPHeader {
		return dst, src, 0, fmt.Errorf("engine: data frame of %d bytes, want at least %d", len(b), dataHeader+dataIPHeader)
	}
	dst, src = dot11.MAC(b[:6]), dot11.MAC(b[6:12])
	head := b[dataHeader:]
	total = int(binary.BigEndian.Uint16(head[2:]))
	switch {
	case binary.BigEndian.Uint16(b[12:]) != etherTypeIP:
		return dst, src, 0, fmt.Errorf("engine: data frame: EtherType %#04x", b[12:14])
	case head[0] != 4<<4|dataIPHeader/4:
		return dst, src, 0, fmt.Errorf("engine: data frame: version and header length %#02x", head[0])
	case total < dataIPHeader || total > dataTotal || total > len(head):
		return dst, src, 0, fmt.Errorf("engine: data frame: total length %d of %d bytes", total, len(head))
	case onesSum(head[:dataIPHeader]) != 0xffff:
		return dst, src, 0, fmt.Errorf("engine: data frame: header checksum is wrong")
	}
	for k, v := range head[dataIPHeader:total] {
		if v != byte(k) {
			return dst, src, 0, fmt.Errorf("engine: data frame: payload byte %d is %#02x", k, v)
		}
	}
	return dst, src, total, nil
}
