/**
 * Resource attributes of the semantic conventions. Loki writes their dots as underscores, and only of names that are
 * known can it be told which was which.
 */
const names = `
service.name service.namespace service.version service.instance.id
telemetry.sdk.name telemetry.sdk.language telemetry.sdk.version telemetry.distro.name telemetry.distro.version
deployment.environment deployment.environment.name deployment.id deployment.name
host.name host.id host.type host.arch host.ip host.image.id host.image.name host.image.version
os.type os.name os.version os.description os.build_id
process.pid process.parent_pid process.executable.name process.executable.path process.command process.command_args
process.command_line process.owner process.runtime.name process.runtime.version process.runtime.description
container.id container.name container.runtime container.image.id container.image.name container.image.tags
k8s.cluster.name k8s.cluster.uid k8s.namespace.name k8s.node.name k8s.node.uid k8s.pod.name k8s.pod.uid k8s.pod.ip
k8s.pod.start_time k8s.container.name k8s.container.restart_count k8s.deployment.name k8s.deployment.uid
k8s.replicaset.name k8s.replicaset.uid k8s.statefulset.name k8s.statefulset.uid k8s.daemonset.name k8s.daemonset.uid
k8s.job.name k8s.job.uid k8s.cronjob.name k8s.cronjob.uid
cloud.provider cloud.platform cloud.region cloud.availability_zone cloud.account.id cloud.resource_id
faas.name faas.version faas.instance faas.max_memory
device.id device.manufacturer device.model.identifier device.model.name
aws.ecs.cluster.arn aws.ecs.container.arn aws.ecs.launchtype aws.ecs.task.arn aws.ecs.task.family aws.ecs.task.revision
aws.log.group.names aws.log.stream.names gcp.cloud_run.job.execution gcp.gce.instance.name heroku.app.id
webengine.name webengine.version browser.platform browser.language
`;

/** By the name that Loki has for them. */
export const resourceNames: ReadonlyMap<string, string> = new Map(
  names
    .trim()
    .split(/\s+/)
    .map((name) => [name.replaceAll('.', '_'), name]),
);
