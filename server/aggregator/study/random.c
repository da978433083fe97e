/* Happy path: seed and index are mixed into a state; each call turns it once.
 * Failure: none. */
#include "server/aggregator/study/random.h"

#include <math.h>
#include <stddef.h>

static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

/* The seed is mixed before the index joins it: neighbours in either share nothing. */
void random_init(struct random_stream *r, uint64_t seed, uint64_t index)
{
    uint64_t mixed = splitmix(&seed) ^ index;
    uint64_t state = splitmix(&mixed);
    for (size_t i = 0; i < 4; i++) {
        r->state[i] = splitmix(&state);
    }
}

static uint64_t turned(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

uint64_t random_bits(struct random_stream *r)
{
    uint64_t *s = r->state;
    uint64_t result = turned(s[1] * 5, 7) * 9, shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = turned(s[3], 45);
    return result;
}

/* The half keeps it off both ends; 52 bits, so that the half is exact. */
double random_uniform(struct random_stream *r)
{
    return ((double)(random_bits(r) >> 12) + 0.5) * 0x1p-52;
}

/* Natural logarithm: x = m 2^e, log m = 2 artanh((m - 1) / (m + 1)), whose argument is at most
 * 0.172: thirteen terms are good to the last bits. */
static double log_of(double x)
{
    int exponent = 0;
    double m = frexp(x, &exponent);
    if (m < 0.70710678118654752440) {
        m *= 2;
        exponent--;
    }
    double t = (m - 1) / (m + 1), t2 = t * t, sum = 0;
    for (int k = 25; k >= 1; k -= 2) {
        sum = sum * t2 + 1.0 / k;
    }
    return 2 * t * sum + exponent * 0.69314718055994530942;
}

static double polynomial(const double c[8], double x)
{
    double sum = 0;
    for (int i = 7; i >= 0; i--) {
        sum = sum * x + c[i];
    }
    return sum;
}

/* Algorithm AS 241, PPND16 (Wichura, 1988): one fraction in the middle, one for each tail and one
 * for the far tails. About 16 digits. */
double random_normal_at(double p)
{
    static const double middle_above[8] = {3.3871328727963666080e0,  1.3314166789178437745e+2,
                                           1.9715909503065514427e+3, 1.3731693765509461125e+4,
                                           4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                           3.3430575583588128105e+4, 2.5090809287301226727e+3};
    static const double middle_below[8] = {1.0,
                                           4.2313330701600911252e+1,
                                           6.8718700749205790830e+2,
                                           5.3941960214247511077e+3,
                                           2.1213794301586595867e+4,
                                           3.9307895800092710610e+4,
                                           2.8729085735721942674e+4,
                                           5.2264952788528545610e+3};
    static const double tail_above[8] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                         5.76949722146069140550e0,  3.64784832476320460504e0,
                                         1.27045825245236838258e0,  2.41780725177450611770e-1,
                                         2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static const double tail_below[8] = {1.0,
                                         2.05319162663775882187e0,
                                         1.67638483018380384940e0,
                                         6.89767334985100004550e-1,
                                         1.48103976427480074590e-1,
                                         1.51986665636164571966e-2,
                                         5.47593808499534494600e-4,
                                         1.05075007164441684324e-9};
    static const double far_above[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                        1.78482653991729133580e0,  2.96560571828504891230e-1,
                                        2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                        2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static const double far_below[8] = {1.0,
                                        5.99832206555887937690e-1,
                                        1.36929880922735805310e-1,
                                        1.48753612908506148525e-2,
                                        7.86869131145613259100e-4,
                                        1.84631831751005468180e-5,
                                        1.42151175831644588870e-7,
                                        2.04426310338993978564e-15};
    double q = p - 0.5;
    if (fabs(q) <= 0.425) {
        double r = 0.180625 - q * q;
        return q * polynomial(middle_above, r) / polynomial(middle_below, r);
    }
    double r = sqrt(-log_of(q < 0 ? p : 1 - p));
    double size = r <= 5 ? polynomial(tail_above, r - 1.6) / polynomial(tail_below, r - 1.6)
                         : polynomial(far_above, r - 5) / polynomial(far_below, r - 5);
    return q < 0 ? -size : size;
}

double random_normal(struct random_stream *r)
{
    return random_normal_at(random_uniform(r));
}
