/** How something stands; every tone has a shape and a word beside its colour. */
export type Tone = 'good' | 'warn' | 'bad' | 'plain'
