import { hakuStage } from './conformance/haku.ts'
import { runsignupStage } from './conformance/runsignup.ts'
import { conformance } from './conformance.ts'

conformance('Haku', hakuStage)
conformance('RunSignUp', runsignupStage)
