// SPDX-License-Identifier: Apache-2.0
// What the typed upload actor must refuse at compile time; see must_not_compile.py.
#include <symup/caf.hpp>

#include <caf/all.hpp>

#include <memory>
#include <vector>

void feed(caf::event_based_actor* self, const symup::upload_actor& upload,
          std::shared_ptr<std::vector<symup::scope>> scopes) {
  self->request(upload, caf::infinite, symup::add_scopes_atom::value, symup::scopes_message{scopes})
      .then([](caf::ok_atom) {});
  self->request(upload, caf::infinite, symup::finish_upload_atom::value)
      .then([](const symup::upload_result_message& message) { (void)message.result->final; });
  self->send(upload, symup::cancel_upload_atom::value);
#ifdef WRONG_PAYLOAD // error: static assertion failed|static_assert failed
  self->send(upload, symup::add_scopes_atom::value, 42);
#endif
#ifdef WRONG_VERB // error: static assertion failed|static_assert failed
  self->send(upload, caf::atom_constant<caf::atom("submit")>::value, symup::scopes_message{scopes});
#endif
#ifdef WRONG_BARE_SCOPE // error: static assertion failed|static_assert failed
  self->send(upload, symup::add_scopes_atom::value, symup::scope{});
#endif
#ifdef WRONG_ANSWER // error: static assertion failed|static_assert failed
  self->request(upload, caf::infinite, symup::finish_upload_atom::value)
      .then([](const symup::scopes_message&) {});
#endif
#ifdef WRONG_SCOPES_CHANGED // error: discards qualifiers|marked const
  symup::scopes_message message{scopes};
  message.scopes->clear();
#endif
#ifdef WRONG_OTHER_ACTOR // error: static assertion failed|static_assert failed
  caf::typed_actor<caf::reacts_to<int>> other = upload;
#endif
}
