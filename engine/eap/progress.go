package eap

// Progress is the short form of a report that CTRL-EVENT-EAP-STATUS and the D-Bus
// signal EAP share: a status and its parameter. ok is false for reports that have
// none. The parameter may come from the server as it is.
func Progress(o Output) (status, parameter string, ok bool) {
	switch o := o.(type) {
	case Started:
		return "started", "", true
	case ProposedMethod:
		if o.Nak {
			return "refuse proposed method", o.Type.String(), true
		}
		return "accept proposed method", o.Type.String(), true
	case NeedCredential:
		return "eap parameter needed", o.Field.String(), o.Field != FieldPSKPassphrase
	case CertVerified:
		return "remote certificate verification", "success", true
	case CertError:
		return "remote certificate verification", o.Text, true
	case TLSAlert:
		if o.Local {
			return "local TLS alert", o.Text, true
		}
		return "remote TLS alert", o.Text, true
	case Unverified: // a name of ours: the original does not tell
		return "server not authenticated", o.Type.String(), true
	case Success:
		return "completion", "success", true
	case Failure:
		return "completion", "failure", true
	}
	return "", "", false
}
