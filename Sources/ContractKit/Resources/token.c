//! contract token: A token with allowances. Whoever deploys it owns the first supply.
//! call init(name: text(32), supply: u128): Makes the supply, for the deployer.
//! call transfer(to: address, amount: u128): Moves the caller's units.
//! call approve(spender: address, amount: u128): Lets somebody move so many of the caller's units; replaces what was allowed.
//! call transfer_from(owner: address, to: address, amount: u128): Moves units that the caller was allowed to move.
//! call burn(amount: u128): Destroys the caller's units.
//! view name() -> text(32): What the token is called.
//! view supply() -> u128: All units.
//! view balance_of(account: address) -> u128: The units of an account.
//! view allowance(owner: address, spender: address) -> u128: What somebody may still move.
//! error 101 balance_too_low: The account has not so many units. | Ask for less.
//! error 102 allowance_too_low: The owner has not allowed so much. | Ask the owner to approve more.
//! error 103 receiver_nobody: The zero address can own nothing. | Check the receiver; burn destroys units.
//! event Transferred(from: address, to: address, amount: u128): Units have moved; from the zero address when they were made.
//! event Approved(owner: address, spender: address, amount: u128): Somebody may move units.
//! event Burned(owner: address, amount: u128): Units were destroyed.
//! store 0 title -> text(32): What the token is called.
//! store 1 total -> u128: All units.
//! store 2 balances(address) -> u128: The units of each account that has any.
//! store 3 allowances(address, address) -> u128: By owner and spender.
#include "contract.h"

static const trellis_address nobody;

// Zero is not kept: it takes no place in the state.
static void set_balance(trellis_address account, trellis_amount amount) {
    if (amount == 0) balances_remove(account); else balances_set(account, amount);
}

static void move(trellis_address from, trellis_address to, trellis_amount amount) {
    if (trellis_same(to, nobody)) trellis_refuse(error_receiver_nobody);
    trellis_amount had = balances_get(from);
    if (had < amount) trellis_refuse(error_balance_too_low);
    set_balance(from, had - amount);
    // No overflow: all balances together are the supply.
    set_balance(to, balances_get(to) + amount);
    emit_Transferred(from, to, amount);
}

void init(trellis_bytes name, trellis_amount supply) {
    title_set(name);
    total_set(supply);
    // The caller of init is who deploys: an account, a k-of-n account or a contract.
    set_balance(trellis_caller(), supply);
    emit_Transferred(nobody, trellis_caller(), supply);
}

void transfer(trellis_address to, trellis_amount amount) { move(trellis_caller(), to, amount); }

void approve(trellis_address spender, trellis_amount amount) {
    if (amount == 0) allowances_remove(trellis_caller(), spender); else allowances_set(trellis_caller(), spender, amount);
    emit_Approved(trellis_caller(), spender, amount);
}

void transfer_from(trellis_address owner, trellis_address to, trellis_amount amount) {
    trellis_address spender = trellis_caller();
    trellis_amount allowed = allowances_get(owner, spender);
    if (allowed < amount) trellis_refuse(error_allowance_too_low);
    if (allowed == amount) allowances_remove(owner, spender); else allowances_set(owner, spender, allowed - amount);
    move(owner, to, amount);
}

void burn(trellis_amount amount) {
    trellis_address owner = trellis_caller();
    trellis_amount had = balances_get(owner);
    if (had < amount) trellis_refuse(error_balance_too_low);
    set_balance(owner, had - amount);
    total_set(total_get() - amount);
    emit_Burned(owner, amount);
}

trellis_bytes name(void) { return title_get(); }
trellis_amount supply(void) { return total_get(); }
trellis_amount balance_of(trellis_address account) { return balances_get(account); }
trellis_amount allowance(trellis_address owner, trellis_address spender) { return allowances_get(owner, spender); }
