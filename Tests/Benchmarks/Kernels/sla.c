// Settlements between accounts in a hash table, `steps` of them: 64-bit multiplications and divisions, branches and small calls, as a
// contract that pays by service level would make them.
typedef unsigned long long u64;
typedef unsigned int u32;
enum { places = 1 << 16 };
struct account { u64 key, balance, penalties, touched; };
static struct account accounts[places];
static u64 state;

__attribute__((noinline)) static u64 draw(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

__attribute__((noinline)) static struct account *lookUp(u64 key) {
    u32 place = (u32)(key * 0x9e3779b97f4a7c15ull >> 48) & (places - 1);
    while (accounts[place].key != key) {
        if (accounts[place].key == 0) {
            accounts[place].key = key;
            accounts[place].balance = 1000000000;
            break;
        }
        place = (place + 1) & (places - 1);
    }
    return &accounts[place];
}

// In proportion to how far the latency is above its target, at most half of the price.
__attribute__((noinline)) static u64 penalty(u64 price, u64 latency, u64 target) {
    if (latency <= target) return 0;
    u64 excess = (latency - target) * 10000 / target;
    return price * (excess < 5000 ? excess : 5000) / 10000;
}

__attribute__((export_name("run"))) unsigned run(unsigned steps) {
    u64 sum = 0;
    state = 0x243f6a8885a308d3ull;
    for (u32 i = 0; i < places; i++) accounts[i] = (struct account){0};
    while (steps--) {
        u64 number = draw();
        struct account *payer = lookUp(number % 30000 + 1), *payee = lookUp((number >> 20) % 30000 + 1);
        u64 price = 1000 + (number >> 40) % 9000, due = penalty(price, number >> 8 & 1023, 200 + (number >> 4 & 255));
        if (payer->balance >= price) {
            payer->balance += due - price;
            payee->balance += price - due;
            payee->penalties += due;
        }
        payer->touched++;
        payee->touched++;
        sum = sum * 31 + payer->balance + payee->penalties;
    }
    return (u32)(sum ^ sum >> 32);
}
