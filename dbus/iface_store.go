package dbus

import (
	"errors"
	"fmt"
	"strings"

	"gosupplicant/conf"
	"gosupplicant/dbus/bus"
	"gosupplicant/engine"
)

// Blobs and credentials: what an interface keeps for others.

func addBlob(r *request) ([]any, error) {
	i, name, data := r.obj.iface, r.args[0].(string), r.args[1].([]byte)
	if _, ok := i.Blob(name); ok {
		return nil, wire(nameBlobExists)
	}
	switch err := i.SetBlob(name, data); {
	case err == nil:
		return nil, nil
	case errors.Is(err, engine.ErrLimit):
		return nil, wire(nameLimitsExceeded, "Too many blobs, or too large a blob")
	default:
		return nil, wire(nameStdInvalidArgs, err.Error())
	}
}

func getBlob(r *request) ([]any, error) {
	data, ok := r.obj.iface.Blob(r.args[0].(string))
	if !ok {
		return nil, wire(nameBlobUnknown, "Blob id not set")
	}
	return []any{append([]byte{}, data...)}, nil
}

func removeBlob(r *request) ([]any, error) {
	return nil, nilOr(r.obj.iface.RemoveBlob(r.args[0].(string)))
}

func credPath(k key, id int) bus.ObjectPath {
	return bus.ObjectPath(fmt.Sprintf("%s/%s/%d", k.path(), dirCredentials, id))
}

func unquotedCredField(name string) bool {
	f, ok := conf.CredField(name)
	return ok && f.Unquoted
}

// tryCred applies settings to a block that nobody sees.
func tryCred(list []setting) error {
	c := conf.New().AddCred()
	for _, s := range list {
		if _, err := c.Set(s.name, s.value); err != nil {
			return err
		}
	}
	return nil
}

// addCred makes a credential block. The path returned has no object; it only
// serves RemoveCred.
func addCred(r *request) ([]any, error) {
	i := r.obj.iface
	list, err := decodeSettings(r.args[0].(bus.Dict), unquotedCredField, true)
	if err == nil {
		err = tryCred(list)
	}
	if err != nil {
		return nil, r.s.refuse(i, "credential", err)
	}
	cannot := unknownError("wpa_supplicant could not add a credential on this interface.")
	if len(i.Config().Creds) >= maxCreds {
		i.Log().Warn("dbus: too many credentials", "limit", maxCreds)
		return nil, cannot
	}
	c, err := i.AddCred()
	if err != nil {
		return nil, toWire(err, cannot)
	}
	for _, s := range list {
		if err := i.SetCred(c.ID, s.name, s.value); err != nil {
			i.RemoveCred(c.ID)
			return nil, r.s.refuse(i, "credential", err)
		}
	}
	return []any{credPath(r.obj.key(), c.ID)}, nil
}

func removeCred(r *request) ([]any, error) {
	p := r.args[0].(bus.ObjectPath)
	iface, dir, id, ok := splitPath(p)
	if !ok || dir != dirCredentials || iface != r.obj.iface.ID() {
		if strings.Contains(string(p), "/"+dirCredentials+"/") {
			return nil, invalidArgs("could not find credential")
		}
		return nil, invalidArgs(string(p))
	}
	return nil, nilOr(r.obj.iface.RemoveCred(id))
}

func removeAllCreds(r *request) ([]any, error) {
	r.obj.iface.RemoveAllCreds()
	return nil, nil
}
