package ctrl

import (
	"fmt"
	"slices"
	"strings"

	"gosupplicant/conf"
	"gosupplicant/engine"
	"gosupplicant/engine/logs"
)

var credCommands = []command{
	{"LIST_CREDS", exact, onIface, (*request).listCreds, "credentials"},
	{"ADD_CRED", exact, onIface, (*request).addCred, "makes a credential"},
	{"REMOVE_CRED", withArg, onIface, (*request).removeCred, "removes credentials"},
	{"SET_CRED", withArg, onIface, (*request).setCred, "sets a variable of a credential"},
	{"GET_CRED", withArg, onIface, (*request).getCred, "shows a variable of a credential"},
}

func (r *request) listCreds() string {
	l := r.list()
	l.add("cred id / realm / username / domain / imsi\n")
	for _, c := range r.iface.Config().Creds {
		domain := ""
		if len(c.Domain) > 0 {
			domain = c.Domain[0].String()
		}
		if !l.add(fmt.Sprintf("%d\t%s\t%s\t%s\t%s\n", c.ID, printable(c.Realm.String()), printable(c.Username.String()),
			printable(domain), printable(c.IMSI.String()))) {
			break
		}
	}
	return l.String()
}

func (r *request) addCred() string {
	c, err := r.iface.AddCred()
	if err != nil {
		return r.result(err)
	}
	return fmt.Sprintf("%d\n", c.ID)
}

// removeCred: <id> | all | sp_fqdn=<domain> | provisioning_sp=<domain>.
func (r *request) removeCred() string {
	i := r.iface.Interface
	if fqdn, ok := strings.CutPrefix(r.arg, "sp_fqdn="); ok {
		return r.removeCreds(func(c *conf.Cred) bool {
			return slices.ContainsFunc(c.Domain, func(d conf.Text) bool { return d.String() == fqdn })
		})
	}
	if fqdn, ok := strings.CutPrefix(r.arg, "provisioning_sp="); ok {
		return r.removeCreds(func(c *conf.Cred) bool { return c.ProvisioningSp.IsSet() && c.ProvisioningSp.String() == fqdn })
	}
	if r.arg == "all" {
		i.RemoveAllCreds()
		return replyOK
	}
	n, err := id(r.arg)
	if err != nil {
		return r.result(err)
	}
	return r.result(i.RemoveCred(n))
}

// removeCreds removes those that fit; none is a failure.
func (r *request) removeCreds(fits func(*conf.Cred) bool) string {
	var ids []int
	for _, c := range r.iface.Config().Creds {
		if fits(c) {
			ids = append(ids, c.ID)
		}
	}
	for _, n := range ids {
		if err := r.iface.RemoveCred(n); err != nil {
			return r.result(err)
		}
	}
	if len(ids) == 0 {
		return r.result(engine.ErrUnknownCred)
	}
	return replyOK
}

func (r *request) setCred() string {
	n, rest, err := idAnd(r.arg)
	name, value, ok := strings.Cut(rest, " ")
	if err != nil || !ok {
		return r.result(invalid("SET_CRED arguments"))
	}
	if err := r.iface.SetCred(n, name, value); err != nil {
		return r.result(err)
	}
	r.srv.publish(line{r.iface.Interface, logs.LevelInfo, fmt.Sprintf("CRED-MODIFIED %d %s", n, name), true})
	return replyOK
}

func (r *request) getCred() string {
	n, name, err := idAnd(r.arg)
	c := r.iface.Config().Cred(n)
	if err != nil || c == nil {
		return replyFail
	}
	return r.value(c.Get(name))
}
