//! contract payment: Payments that wait for a delivery. The payer says what the payee has to deliver: a content, as an artifact of an
//!   application. Once the contract infrastructure has it there, anybody may release the money. After the deadline the payer gets it back.
//! payable call deposit(payee: address, application: text(63), artifact: text(64), content: text(160), deadline: timestamp) -> u64: Puts the attached value aside; returns the payment's number.
//! call release(payment: u64): Pays the payee, if the artifact of the application has the content now.
//! call refund(payment: u64): Pays the payer back when the deadline has passed.
//! view held() -> amount: What waits in all payments.
//! view amount_of(payment: u64) -> amount: What waits in one payment; zero when it is over.
//! view payee_of(payment: u64) -> address: Whom it is for.
//! view invariant_covered() -> bool: What waits is there.
//! error 101 nothing_attached: The payment has no value. | Attach one.
//! error 102 deadline_past: The deadline is not in the future. | Give a later time.
//! error 103 payment_unknown: There is no such payment, or it is over. | Check the number.
//! error 104 not_delivered: The application has no such artifact, or one with another content. | Ask whoever keeps its artifacts.
//! error 105 deadline_open: The deadline has not passed. | Wait, or ask for the delivery.
//! error 106 payment_failed: The money could not be moved. | This is a fault of the contract: tell its owner.
//! event Deposited(payment: u64, payer: address, payee: address, amount: amount): Money waits.
//! event Released(payment: u64, payee: address, amount: amount): The payee has it.
//! event Refunded(payment: u64, payer: address, amount: amount): The payer has it back.
//! store 0 count -> u64: How many payments there were.
//! store 1 total -> amount: What waits in all payments.
//! store 2 amounts(u64) -> amount: What waits, by payment.
//! store 3 payers(u64) -> address: Who pays.
//! store 4 payees(u64) -> address: Whom it is for.
//! store 5 applications(u64) -> text(63): Where it is to be delivered.
//! store 6 artifacts(u64) -> text(64): As which artifact.
//! store 7 contents(u64) -> text(160): What, by its content identifier.
//! store 8 deadlines(u64) -> timestamp: From when the payer gets it back.
#include "contract.h"

uint64_t deposit(trellis_address payee, trellis_bytes application, trellis_bytes artifact, trellis_bytes content, uint64_t deadline) {
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
    applications_set(payment, application);
    artifacts_set(payment, artifact);
    contents_set(payment, content);
    deadlines_set(payment, deadline);
    emit_Deposited(payment, trellis_caller(), payee, amount);
    return payment;
}

// Asks infrastructure.artifacts(application, from): a list of those that begin with the name `from`. Each is a name and a record, which
// begins with the content identifier.
static bool is_delivered(uint64_t payment) {
    uint8_t arguments[64 + 1 + 65], answer[256];
    trellis_bytes artifact = artifacts_get(payment), content = contents_get(payment);
    trellis_writer writer = {arguments, 0};
    uint8_t some = 1;
    trellis_put_bytes(&writer, applications_get(payment), 63);
    trellis_put(&writer, &some, 1);
    trellis_put_bytes(&writer, artifact, 64);
    trellis_bytes encoded = {arguments, writer.count};
    if (trellis_call(trellis_built_in("infrastructure"), "artifacts", encoded, 0, trellis_read_only) != trellis_succeeded) return false;
    // The first one is enough, and fits.
    uint32_t length = trellis_returned(answer, sizeof answer);
    trellis_reader reader = {answer, length < sizeof answer ? length : sizeof answer};
    if (trellis_take_length(&reader, 100) == 0) return false;
    trellis_bytes name = trellis_take_bytes(&reader, 64), found = trellis_take_bytes(&reader, 160);
    return trellis_same_bytes(name, artifact) && trellis_same_bytes(found, content);
}

// Everything is written before the money moves.
static trellis_amount finish(uint64_t payment, trellis_address receiver) {
    trellis_amount amount = amounts_get(payment);
    total_set(total_get() - amount);
    amounts_remove(payment);
    payers_remove(payment);
    payees_remove(payment);
    applications_remove(payment);
    artifacts_remove(payment);
    contents_remove(payment);
    deadlines_remove(payment);
    if (trellis_transfer(receiver, amount) != 0) trellis_refuse(error_payment_failed);
    return amount;
}

void release(uint64_t payment) {
    trellis_address payee;
    if (!payees_read(payment, &payee)) trellis_refuse(error_payment_unknown);
    if (!is_delivered(payment)) trellis_refuse(error_not_delivered);
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
