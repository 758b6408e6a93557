// Drives a server with client-go as an operator would: protobuf, streaming lists, shared informers. The kubeconfig is the only argument.
// It prints one line per thing it proved and ends with "ok"; the first surprise ends it with exit code 1.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/retry"
)

const namespace = "client-go"

func check(what string, err error) {
	if err != nil {
		fmt.Printf("not ok - %s: %v\n", what, err)
		os.Exit(1)
	}
	fmt.Println("ok - " + what)
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	config, err := clientcmd.BuildConfigFromFlags("", os.Args[1])
	check("kubeconfig", err)
	protobuf := rest.CopyConfig(config)
	protobuf.ContentType = "application/vnd.kubernetes.protobuf"
	protobuf.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	client, err := kubernetes.NewForConfig(protobuf)
	check("client", err)

	groups, err := client.Discovery().ServerPreferredResources()
	check("discovery", err)
	if len(groups) < 15 {
		check("discovery lists all groups", fmt.Errorf("only %d", len(groups)))
	}

	_, err = client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{})
	check("create a namespace as protobuf", err)
	defer client.CoreV1().Namespaces().Delete(context.Background(), namespace, metav1.DeleteOptions{})

	maps := client.CoreV1().ConfigMaps(namespace)
	for i := 0; i < 25; i++ {
		_, err = maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("m%02d", i)}, Data: map[string]string{"k": "v"}}, metav1.CreateOptions{})
		if err != nil {
			check("create config maps", err)
		}
	}

	events := make(chan string, 1000)
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(namespace))
	informer := factory.Core().V1().ConfigMaps().Informer()
	_, err = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(o any) { events <- "added " + o.(*corev1.ConfigMap).Name },
		UpdateFunc: func(_, o any) { events <- "updated " + o.(*corev1.ConfigMap).Name },
		DeleteFunc: func(o any) { events <- "deleted " + o.(*corev1.ConfigMap).Name },
	})
	check("informer", err)
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		check("informer syncs with a streaming list", fmt.Errorf("it never did"))
	}
	if have := len(informer.GetStore().List()); have < 25 {
		check("informer holds the initial set", fmt.Errorf("%d", have))
	}
	fmt.Println("ok - informer synced")

	err = retry.RetryOnConflict(retry.DefaultRetry, func() error {
		m, err := maps.Get(ctx, "m03", metav1.GetOptions{})
		if err != nil {
			return err
		}
		m.Data["k"] = "changed"
		_, err = maps.Update(ctx, m, metav1.UpdateOptions{})
		return err
	})
	check("update", err)
	check("update is seen", wait(ctx, events, "updated m03"))

	_, err = maps.Patch(ctx, "m04", types.StrategicMergePatchType, []byte(`{"data":{"p":"1"}}`), metav1.PatchOptions{})
	check("strategic merge patch", err)
	check("patch is seen", wait(ctx, events, "updated m04"))
	check("delete", maps.Delete(ctx, "m05", metav1.DeleteOptions{}))
	check("delete is seen", wait(ctx, events, "deleted m05"))

	_, err = maps.Get(ctx, "absent", metav1.GetOptions{})
	if !apierrors.IsNotFound(err) {
		check("NotFound is recognised", err)
	}
	stale := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "m06", ResourceVersion: "1"}}
	if _, err = maps.Update(ctx, stale, metav1.UpdateOptions{}); !apierrors.IsConflict(err) {
		check("Conflict is recognised", err)
	}

	seen := 0
	page := metav1.ListOptions{Limit: 7}
	for {
		list, err := maps.List(ctx, page)
		if err != nil {
			check("list in pages", err)
		}
		seen += len(list.Items)
		if page.Continue = list.Continue; page.Continue == "" {
			break
		}
	}
	if seen < 24 {
		check("list in pages sees everything", fmt.Errorf("%d", seen))
	}
	fmt.Println("ok - pages")
	check("delete collection", maps.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{}))
	fmt.Println("ok")
}

func wait(ctx context.Context, events <-chan string, want string) error {
	for {
		select {
		case have := <-events:
			if have == want {
				return nil
			}
		case <-ctx.Done():
			return fmt.Errorf("%q never came", want)
		}
	}
}
