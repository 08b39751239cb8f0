using BeschutWerk.Backbone;
using BeschutWerk.Knowledge;

return await ServiceProcess.RunAsync(args, "knowledge", builder => builder.AddKnowledge(), routes => routes.MapKnowledge());
