import { App, Stack } from 'aws-cdk-lib';

// The constructs come with the next issue; until then the app is an empty stack, so that `cdk synth` is honest.
const app = new App();
new Stack(app, 'FlowLogAnalytics', { description: 'flow-log-analytics' });
