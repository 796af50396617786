//! contract payment: Payments that wait for somebody's word. The payer names an inspector; once the inspector has attested about the
//!   payee, in the contract identity, that the work is done, anybody may release the money. After the deadline the payer gets it back.
//! payable call deposit(payee: address, inspector: address, work: text(32), deadline: timestamp) -> u64: Puts the attached value aside; returns the payment's number.
//! call release(payment: u64): Pays the payee, if the inspector's attestation of the kind `work` is valid now.
//! call refund(payment: u64): Pays the payer back when the deadline has passed.
//! view held() -> amount: What waits in all payments.
//! view amount_of(payment: u64) -> amount: What waits in one payment; zero when it is over.
//! view payee_of(payment: u64) -> address: Whom it is for.
//! view invariant_covered() -> bool: What waits is there.
//! error 101 nothing_attached: The payment has no value. | Attach one.
//! error 102 deadline_past: The deadline is not in the future. | Give a later time.
//! error 103 payment_unknown: There is no such payment, or it is over. | Check the number.
//! error 104 not_attested: The inspector has not attested the work, or the attestation does not count any more. | Ask the inspector.
//! error 105 deadline_open: The deadline has not passed. | Wait, or ask the inspector.
//! error 106 payment_failed: The money could not be moved. | This is a fault of the contract: tell its owner.
//! event Deposited(payment: u64, payer: address, payee: address, inspector: address, amount: amount): Money waits.
//! event Released(payment: u64, payee: address, amount: amount): The payee has it.
//! event Refunded(payment: u64, payer: address, amount: amount): The payer has it back.
//! store 0 count -> u64: How many payments there were.
//! store 1 total -> amount: What waits in all payments.
//! store 2 amounts(u64) -> amount: What waits, by payment.
//! store 3 payers(u64) -> address: Who pays.
//! store 4 payees(u64) -> address: Whom it is for.
//! store 5 inspectors(u64) -> address: On whose word.
//! store 6 works(u64) -> text(32): The kind of attestation.
//! store 7 deadlines(u64) -> timestamp: From when the payer gets it back.
#include "contract.h"

uint64_t deposit(trellis_address payee, trellis_address inspector, trellis_bytes work, uint64_t deadline) {
    trellis_amount amount = trellis_value();
    if (amount == 0) trellis_refuse(error_nothing_attached);
    if (deadline <= trellis_time()) trellis_refuse(error_deadline_past);
    uint64_t payment = count_get() + 1;
    count_set(payment);
    // No overflow: it is at most the supply of the network.
    total_set(total_get() + amount);
    amounts_set(payment, amount);
    payers_set(payment, trellis_caller());
    payees_set(payment, payee);
    inspectors_set(payment, inspector);
    works_set(payment, work);
    deadlines_set(payment, deadline);
    emit_Deposited(payment, trellis_caller(), payee, inspector, amount);
    return payment;
}

// Asks identity.attestation(subject, attester, kind): an option of attester, kind, attestation and, last, the standing.
static bool is_attested(uint64_t payment) {
    uint8_t arguments[20 + 20 + 1 + 32], answer[256];
    trellis_writer writer = {arguments, 0};
    trellis_address payee = payees_get(payment), inspector = inspectors_get(payment);
    trellis_put(&writer, &payee, sizeof payee);
    trellis_put(&writer, &inspector, sizeof inspector);
    trellis_put_bytes(&writer, works_get(payment));
    trellis_bytes encoded = {arguments, writer.count};
    if (trellis_call(trellis_built_in("identity"), "attestation", encoded, 0, trellis_read_only) != trellis_succeeded) return false;
    uint32_t length = trellis_returned(answer, sizeof answer);
    // The first byte says whether there is one; the standing 0 is `valid`.
    return length > 1 && length <= sizeof answer && answer[0] == 1 && answer[length - 1] == 0;
}

// Everything is written before the money moves.
static trellis_amount finish(uint64_t payment, trellis_address receiver) {
    trellis_amount amount = amounts_get(payment);
    total_set(total_get() - amount);
    amounts_remove(payment);
    payers_remove(payment);
    payees_remove(payment);
    inspectors_remove(payment);
    works_remove(payment);
    deadlines_remove(payment);
    if (trellis_transfer(receiver, amount) != 0) trellis_refuse(error_payment_failed);
    return amount;
}

void release(uint64_t payment) {
    trellis_address payee;
    if (!payees_read(payment, &payee)) trellis_refuse(error_payment_unknown);
    if (!is_attested(payment)) trellis_refuse(error_not_attested);
    emit_Released(payment, payee, finish(payment, payee));
}

void refund(uint64_t payment) {
    trellis_address payer;
    if (!payers_read(payment, &payer)) trellis_refuse(error_payment_unknown);
    if (trellis_time() < deadlines_get(payment)) trellis_refuse(error_deadline_open);
    emit_Refunded(payment, payer, finish(payment, payer));
}

trellis_amount held(void) { return total_get(); }
trellis_amount amount_of(uint64_t payment) { return amounts_get(payment); }
trellis_address payee_of(uint64_t payment) {
    trellis_address payee;
    if (!payees_read(payment, &payee)) trellis_refuse(error_payment_unknown);
    return payee;
}
// More may be there than waits: anybody can pay a contract without calling it.
bool invariant_covered(void) { return trellis_balance(trellis_self()) >= total_get(); }
