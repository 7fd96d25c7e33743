import { randomBelow } from './random'

const adjectives =
  'able agile amber ample ardent astute avid aware balmy blithe bold brave breezy bright brisk calm candid canny careful cheerful chief civil clear clever cordial cosmic cosy crisp curious dapper daring deft devout diligent dreamy driven eager earnest easy elated eloquent epic exact fair famous fancy fervent festive fine firm fleet fluent fond frank free fresh friendly frosty gallant generous gentle genial gifted glad golden graceful grand great handy happy hardy hearty helpful honest hopeful humble ideal jolly jovial joyful just keen kind lasting lively loyal lucid lucky mellow merry mighty mild modest mellow musing native neat nice nifty nimble noble novel open patient peaceful pensive placid playful pleasant plucky polite precise prime proud prudent quick quiet quirky radiant ready regal relaxed robust rustic serene sharp shiny silent silver sincere sleek smart smooth snappy solid spry stable steady stellar still stoic strong sturdy subtle suave sunny super sure sweet swift tender tidy tranquil trusting upbeat urbane vast vibrant vigilant vital vivid warm wary wise witty wondrous worthy young zealous zesty'.split(
    ' ',
  )

const scientists =
  'abel agnesi alhazen ampere anning archimedes aristarchus aryabhata avogadro babbage banach bardeen bassi bell bernoulli berzelius bhabha blackwell bohr boltzmann boole born bose boyle brahe brahmagupta brown bunsen burnell cannon cantor carnot carson cavendish celsius chandrasekhar chebyshev clarke compton copernicus coulomb cray crick curie dalton darwin davy descartes dijkstra diophantus dirac doppler driscoll earhart eckert edison ehrlich einstein elion eratosthenes erdos euclid euler faraday fermat fermi feynman fibonacci fleming floyd foucault fourier franklin fresnel galileo galois galvani gauss germain gibbs godel goldberg goodall gutenberg haber hahn halley hamilton harvey hawking heaviside heisenberg helmholtz henry herschel hertz hilbert hodgkin hooke hopper hubble huygens hypatia jacobi jacquard johnson joliot joule kapitsa kare keller kelvin kepler khayyam khorana kirch kirchhoff knuth kolmogorov kovalevskaya lagrange lamarr lamport landau laplace lavoisier leavitt lehmann leibniz lie linnaeus liskov lorentz lovelace lumiere mach marconi maxwell mayer mcclintock mead meitner mendel mendeleev mersenne michelson milner minsky mirzakhani montalcini moore morse napier nash neumann newton nightingale nobel noether noyce ohm oppenheimer papin pascal pasteur pauli pauling payne peano perlman planck poincare poisson ptolemy pythagoras raman ramanujan ride riemann ritchie roentgen rubin rutherford sagan salk sanger shannon shockley sinoussi snow snyder somerville stokes stonebraker sutherland swirles tesla thales thompson torvalds tu turing varahamihira vaughan villani volta wallace watt wescoff wiener wiles wilkins wing wright wu yalow yonath zhukovsky'.split(
    ' ',
  )

/** A name such as `keen_noether`. `attempt` adds a digit where the short ones are taken. */
export const randomName = (attempt = 0): string => {
  const name = `${adjectives[randomBelow(adjectives.length)]}_${scientists[randomBelow(scientists.length)]}`
  return attempt < 5 ? name : `${name}${randomBelow(10 ** Math.min(attempt - 4, 9))}`
}
