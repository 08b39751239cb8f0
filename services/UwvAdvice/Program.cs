using BeschutWerk.Backbone;
using BeschutWerk.UwvAdvice;

await ServiceProcess.RunAsync(args, "uwv", builder => builder.AddUwvAdvice(), routes => routes.MapUwvAdvice());
