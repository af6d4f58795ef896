package wext

import (
	"encoding/binary"

	"gosupplicant/engine/dot11"
)

// stream builds event streams of either layout for tests, field by field as
// the kernel lays them out.
type stream struct {
	l layout
	b []byte
}

func (s *stream) raw(length int, cmd command, rest []byte) *stream {
	h := make([]byte, s.l.header)
	binary.NativeEndian.PutUint16(h, uint16(length))
	binary.NativeEndian.PutUint16(h[2:], uint16(cmd))
	s.b = append(append(s.b, h...), rest...)
	return s
}

// value appends an event with fixed data.
func (s *stream) value(cmd command, data ...byte) *stream {
	return s.raw(s.l.header+len(data), cmd, data)
}

// point appends an event with a length of its own.
func (s *stream) point(cmd command, flags uint16, data ...byte) *stream {
	p := make([]byte, s.l.point-s.l.header)
	binary.NativeEndian.PutUint16(p, uint16(len(data)))
	binary.NativeEndian.PutUint16(p[2:], flags)
	return s.raw(s.l.point+len(data), cmd, append(p, data...))
}

func (s *stream) ap(m dot11.MAC) *stream {
	b := make([]byte, 16)
	binary.NativeEndian.PutUint16(b, familyEthernet)
	copy(b[2:], m[:])
	return s.value(cmdGetAP, b...)
}

func (s *stream) freq(m int32, e int16) *stream {
	b := make([]byte, 8)
	binary.NativeEndian.PutUint32(b, uint32(m))
	binary.NativeEndian.PutUint16(b[4:], uint16(e))
	return s.value(cmdGetFreq, b...)
}

func (s *stream) mode(mode uint32) *stream {
	return s.value(cmdGetMode, binary.NativeEndian.AppendUint32(nil, mode)...)
}

func (s *stream) qual(q, level, noise, flags byte) *stream {
	return s.value(evQual, q, level, noise, flags)
}

func (s *stream) rates(bps ...uint32) *stream {
	var b []byte
	for _, r := range bps {
		b = binary.NativeEndian.AppendUint32(b, r)
		b = append(b, 0, 0, 0, 0)
	}
	return s.value(cmdGetRate, b...)
}

func (s *stream) custom(text string) *stream { return s.point(evCustom, 0, []byte(text)...) }

// layouts are both ABIs, by name.
var layouts = map[string]layout{"32 bit": layout32, "64 bit": layout64}
