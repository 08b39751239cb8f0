using BeschutWerk.Backbone;
using BeschutWerk.Knowledge;

await ServiceProcess.RunAsync(args, "knowledge", builder => builder.AddKnowledge(), routes => routes.MapKnowledge());
