using BeschutWerk.Backbone;
using BeschutWerk.Insight;

return await ServiceProcess.RunAsync(args, "insight", builder => builder.AddInsight(), routes => routes.MapInsight());
