using BeschutWerk.Backbone;
using BeschutWerk.Insight;

await ServiceProcess.RunAsync(args, "insight", builder => builder.AddInsight(), routes => routes.MapInsight());
