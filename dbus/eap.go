package dbus

import (
	"encoding/hex"
	"strings"

	"gosupplicant/dbus/bus"
	"gosupplicant/engine"
	"gosupplicant/engine/eap"
)

// Reports and questions of the EAP peer. Texts of the server may hold what no D-Bus
// string can; it is replaced.

// eapReport tells what a report of the EAP peer has for the bus.
func (s *Server) eapReport(ev engine.EAPReport) {
	path := interfaceObject(ev.Iface).path()
	if status, parameter, ok := eap.Progress(ev.Report); ok {
		s.emit(path, ifaceInterface, "EAP", status, busText(parameter))
	}
	switch r := ev.Report.(type) {
	case eap.NeedCredential:
		if visible(ev.Network) {
			s.emit(path, ifaceInterface, "NetworkRequest", networkObject(ev.Iface, ev.Network).path(), r.Field.String(), busText(r.Prompt()))
		}
	case eap.PeerCert:
		s.emit(path, ifaceInterface, "Certification", certificationDict(r))
	}
}

// certificationDict shows a certificate of the server's chain.
func certificationDict(c eap.PeerCert) bus.Dict {
	var d bus.Dict
	d.Add("depth", uint32(c.Depth))
	d.Add("subject", busText(c.Subject))
	if len(c.AltSubjects) > 0 {
		names := make([]string, len(c.AltSubjects))
		for k, n := range c.AltSubjects {
			names[k] = busText(n)
		}
		d.Add("altsubject", names)
	}
	d.Add("cert_hash", hex.EncodeToString(c.Hash[:]))
	if len(c.DER) > 0 {
		d.Add("cert", append([]byte{}, c.DER...))
	}
	return d
}

// busText is text as a D-Bus string can hold it.
func busText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
}

// networkReply answers NetworkRequest. The value is in no error.
func networkReply(r *request) ([]any, error) {
	i, path := r.obj.iface, r.args[0].(bus.ObjectPath)
	n, err := r.s.networkArg(i, path)
	if err != nil {
		return nil, err
	}
	if err := i.Credential(n.ID, r.args[1].(string), []byte(r.args[2].(string))); err != nil {
		return nil, toWire(err, invalidArgs())
	}
	return nil, nil
}

func eapLogoff(r *request) ([]any, error) {
	r.obj.iface.Logoff()
	return nil, nil
}

func eapLogon(r *request) ([]any, error) {
	r.obj.iface.Logon()
	return nil, nil
}
